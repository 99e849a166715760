/**
 * Runs the project `docs/examples/tracing` as its readers do: tracing.mjs <tarball>.
 *
 * Installs it from the tarball, once as it is and once for Effect 4 with the packages that the guide on observability names, and
 * compares what it prints with the guide.
 */
import assert from "node:assert/strict"
import { execFile } from "node:child_process"
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"

const root = fileURLToPath(new URL("../..", import.meta.url))
const tarball = resolve(process.argv[2] ?? "")
const run = promisify(execFile)
const guide = readFileSync(join(root, "docs/observability.md"), "utf8")

/** What the guide says that the program prints. */
const printed = /^```js\nimport[\s\S]*?^```\n\n```text\n([\s\S]*?)^```/m.exec(guide)?.[1]

/** The packages that the guide names for Effect 4, such as `@effect/opentelemetry@4`. */
const packages =
  /^# Effect 4\nnpm install ([\s\S]*?)^```/m.exec(guide)?.[1]?.match(/[@\w][\w./-]*(?:@[\w.]+)?/g) ?? []

/** Installs packages into a copy of the project, and returns what the program prints. */
const outputOf = async (version, install, convert = (text) => text) => {
  const folder = mkdtempSync(join(tmpdir(), `sendmux-tracing-${version}-`))
  try {
    cpSync(join(root, "docs/examples/tracing"), folder, { recursive: true })
    const program = join(folder, "main.mjs")
    writeFileSync(program, convert(readFileSync(program, "utf8")))
    const path = join(folder, "package.json")
    const { dependencies, ...project } = JSON.parse(readFileSync(path, "utf8"))
    const { "effect-sendmux": _, ...others } = version === "effect3" ? dependencies : {}
    writeFileSync(path, JSON.stringify({ ...project, dependencies: others }))
    const options = ["--no-audit", "--no-fund", "--prefer-offline", "--ignore-scripts"]
    await run("npm", ["install", ...options, tarball, ...install], { cwd: folder })
    return (await run("npm", ["start", "--silent"], { cwd: folder })).stdout
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

assert(printed !== undefined && packages.length > 5, "docs/observability.md has another form")
assert.equal(await outputOf("effect3", []), printed)
const forEffect4 = (text) => text.replace('from "effect-sendmux"', 'from "effect-sendmux/v4"')
assert.equal(await outputOf("effect4", ["effect@4", ...packages], forEffect4), printed)
process.stdout.write("the project tracing exports its spans, with Effect 3 and with Effect 4\n")
