/**
 * What a consumer pays in `tsc`: one that uses every method of a surface, against the published declarations.
 */
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { Management } from "../../src/Management.js"
import { Sending } from "../../src/Sending.js"
import { mailboxKey, rootKey } from "./fixtures.js"
import { median, table, verdict } from "./report.js"

const root = fileURLToPath(new URL("../../", import.meta.url))

/** How much longer all of Management may take than Sending alone. */
const budget = 1.5

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

/** A program that calls every method of a service and takes what it gives. */
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

export const types = async ({ quick }: { readonly quick: boolean }): Promise<void> => {
  const services = await Effect.runPromise(
    Effect.provide(
      Effect.all({
        Sending: Sending.make({ apiKey: Redacted.make(mailboxKey) }),
        Management: Management.make({ apiKey: Redacted.make(rootKey) })
      }),
      FetchHttpClient.layer
    )
  )
  const folder = mkdtempSync(join(tmpdir(), "effect-sendmux-types-"))
  try {
    const dist = join(folder, "dist")
    tsc([
      ...["-p", join(root, "src/tsconfig.json"), "--outDir", dist, "--emitDeclarationOnly"],
      ...["--noCheck", "--declarationMap", "false", "--sourceMap", "false"]
    ])
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "dir")
    writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }))
    const configs = Object.entries(services).map(([surface, service]) => {
      writeFileSync(join(folder, `${surface}.ts`), consumer(surface, service))
      const config = join(folder, `tsconfig.${surface}.json`)
      writeFileSync(
        config,
        JSON.stringify({
          extends: join(root, "tsconfig.json"),
          compilerOptions: {
            incremental: false,
            tsBuildInfoFile: null,
            types: [],
            paths: { "effect-sendmux/*": [`${dist}/*.d.ts`] }
          },
          include: [`${surface}.ts`]
        })
      )
      return [surface, config] as const
    })
    const checks = new Map(configs.map(([surface]) => [surface, [] as Check[]]))
    for (let round = 0; round < (quick ? 1 : 3); round++) {
      for (const [surface, config] of configs) checks.get(surface)?.push(check(config))
    }
    const of = (surface: string, what: keyof Check) =>
      median((checks.get(surface) ?? []).map((one) => one[what]))
    console.log("Type-checking a consumer of every method\n")
    console.log(
      table(
        ["", "check", "total", "instantiations"],
        configs.map(([surface]) => [
          surface,
          `${of(surface, "seconds").toFixed(2)} s`,
          `${of(surface, "total").toFixed(2)} s`,
          String(of(surface, "instantiations"))
        ])
      )
    )
    const ratio = (what: keyof Check) => of("Management", what) / of("Sending", what)
    const total = ratio("total")
    console.log(
      `\n  Management to Sending: total ${total.toFixed(2)}, check ${ratio("seconds").toFixed(2)} ` +
        `(budget ${budget} of the total, ${verdict(total <= budget)})`
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
