/**
 * Prints the software bill of materials of the package in the format of CycloneDX: the packages that it depends on, in the
 * versions of the lock file, with their licenses and hashes. `npm sbom` cannot do this here, because it counts the workspace
 * and the tools of the project as parts of the package.
 */
import { execFileSync } from "node:child_process"
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const { dependencies, description, license, name, version } = JSON.parse(readFileSync("package.json", "utf8"))
const folder = mkdtempSync(join(tmpdir(), "effect-sendmux-sbom-"))
try {
  const manifest = { name, version, description, license, dependencies }
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest))
  copyFileSync("package-lock.json", join(folder, "package-lock.json"))
  const npm = (...args) => execFileSync("npm", args, { cwd: folder, encoding: "utf8", maxBuffer: 2 ** 28 })
  npm("install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund")
  process.stdout.write(
    npm("sbom", "--package-lock-only", "--sbom-format", "cyclonedx", "--sbom-type", "library")
  )
} finally {
  rmSync(folder, { recursive: true, force: true })
}
