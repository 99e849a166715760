/**
 * The cost in `tsc` for a program that uses every method of a surface, against the published declarations.
 */
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { Mailbox } from "../../../src/Mailbox.js"
import { Management } from "../../../src/Management.js"
import { Sending } from "../../../src/Sending.js"
import { mailboxKey, rootKey } from "../fixtures.js"
import { root } from "../harness/build.js"
import { median } from "../harness/stats.js"
import { roundsFor, type Section } from "./section.js"

const tsc = (args: ReadonlyArray<string>): string => {
  try {
    return execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"]
    })
  } catch (error) {
    const output: unknown = Reflect.get(Object(error), "stdout")
    throw new Error(`tsc failed:\n${String(output)}`)
  }
}

/** A program that names every method of a service, its parameters and its result. */
const consumer = (surface: string, service: object): string => {
  const lines = [
    `import { ${surface}, type ${surface}Service } from "effect-sendmux/${surface}"`,
    `import * as Effect from "effect/Effect"`,
    `import * as Stream from "effect/Stream"`,
    `export const program = Effect.flatMap(${surface}, (service) => Effect.succeed(service))`,
    `type S = ${surface}Service`,
    "type Fn = (...args: never) => unknown",
    "type Given<F extends Fn> = ReturnType<F> extends Effect.Effect<infer A, infer E> ? [A, E]",
    "  : ReturnType<F> extends Stream.Stream<infer A, infer E> ? [A, E] : never"
  ]
  for (const [group, methods] of Object.entries(service)) {
    for (const [name, method] of Object.entries(Object(methods))) {
      if (typeof method !== "function") continue
      const at = `S["${group}"]["${name}"]`
      const id = `${group}_${name}`
      lines.push(
        `export const ${id} = (service: S, ...args: Parameters<${at}>) => service.${group}.${name}(...args)`,
        `export declare const ${id}_given: Given<${at}>`
      )
    }
  }
  return lines.join("\n")
}

interface Check {
  readonly seconds: number
  readonly total: number
  readonly instantiations: number
}

const numberAfter = (label: string, text: string): number =>
  Number(new RegExp(`^${label}:\\s+([0-9.]+)`, "m").exec(text)?.[1] ?? Number.NaN)

const check = (config: string): Check => {
  const output = tsc(["-p", config, "--extendedDiagnostics"])
  return {
    seconds: numberAfter("Check time", output),
    total: numberAfter("Total time", output),
    instantiations: numberAfter("Instantiations", output)
  }
}

const makeServices = Effect.all({
  Sending: Sending.make({ apiKey: Redacted.make(mailboxKey) }),
  Management: Management.make({ apiKey: Redacted.make(rootKey) }),
  Mailbox: Mailbox.make({ apiKey: Redacted.make(mailboxKey) })
})

/** Writes the declarations and a consumer of each surface into a folder. Returns the consumers' configurations. */
const prepare = (folder: string, services: Readonly<Record<string, object>>): ReadonlyMap<string, string> => {
  const dist = join(folder, "dist")
  tsc([
    ...["-p", join(root, "src/tsconfig.json"), "--outDir", dist, "--emitDeclarationOnly"],
    ...["--noCheck", "--declarationMap", "false", "--sourceMap", "false"]
  ])
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "dir")
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }))
  const configs = new Map<string, string>()
  for (const [surface, service] of Object.entries(services)) {
    writeFileSync(join(folder, `${surface}.ts`), consumer(surface, service))
    const config = join(folder, `tsconfig.${surface}.json`)
    const compilerOptions = {
      incremental: false,
      tsBuildInfoFile: null,
      types: [],
      paths: { "effect-sendmux/*": [`${dist}/*.d.ts`] }
    }
    writeFileSync(
      config,
      JSON.stringify({ extends: join(root, "tsconfig.json"), compilerOptions, include: [`${surface}.ts`] })
    )
    configs.set(surface, config)
  }
  return configs
}

export const typecheck: Section = {
  name: "types",
  title: "The type checker",
  guide: `\`tsc\` over a program for each surface that names every method, its parameters and its result, against the declarations
as they are published. The number of instantiations does not depend on the load of the machine.`,
  slow: true,
  run: async (options) => {
    const services = await Effect.runPromise(Effect.provide(makeServices, FetchHttpClient.layer))
    const folder = mkdtempSync(join(tmpdir(), "effect-sendmux-types-"))
    try {
      const configs = prepare(folder, services)
      const checks = new Map([...configs.keys()].map((surface) => [surface, [] as Array<Check>]))
      for (let round = 0; round < roundsFor(options, 1).rounds; round++) {
        for (const [surface, config] of configs) checks.get(surface)?.push(check(config))
      }
      const rows = [...checks].map(([surface, results]) => {
        const of = (what: keyof Check) => median(results.map((result) => result[what]))
        return [
          surface,
          `${of("seconds").toFixed(2)} s`,
          `${of("total").toFixed(2)} s`,
          of("instantiations").toLocaleString("en")
        ]
      })
      return { tables: [{ header: ["", "check", "total", "instantiations"], rows }], facts: {} }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
