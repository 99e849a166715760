/**
 * Prints the license of every package that users of this one install: the dependencies and the peers, with all that these
 * depend on, for both versions of Effect. Fails if a license is not permissive.
 */
import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"

/** Licenses, by their SPDX identifiers, that ask for no more than to keep their notice. */
const permissive = new Set([
  "0BSD",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "ISC",
  "MIT",
  "MIT-0"
])

/** Packages whose license npm cannot tell, with the license that was found in their files. */
const known = {}

const { dependencies, peerDependencies } = JSON.parse(readFileSync("package.json", "utf8"))
const names = [...Object.keys(dependencies), ...Object.keys(peerDependencies)]
const selector = names.flatMap((name) => [`[name="${name}"]`, `[name="${name}"] *`]).join(", ")
const found = JSON.parse(execFileSync("npm", ["query", selector], { encoding: "utf8", maxBuffer: 2 ** 28 }))
const missing = names.filter((name) => !found.some((node) => node.name === name))
if (missing.length > 0) throw new Error(`These packages are not installed: ${missing.join(", ")}. Run npm ci`)

const licenseOf = ({ license, name }) => known[name] ?? (typeof license === "string" ? license : "unknown")

/** An expression such as `(MIT OR GPL-3.0)` is permissive if one of its alternatives is. */
const isPermissive = (license) =>
  license
    .replace(/^\((.*)\)$/, "$1")
    .split(" OR ")
    .some((alternative) => alternative.split(" AND ").every((id) => permissive.has(id)))

const lines = new Map(found.map((node) => [`${node.name}@${node.version}`, licenseOf(node)]))
for (const [name, license] of [...lines].sort()) console.log(`${license.padEnd(14)} ${name}`)
const refused = [...lines].filter(([, license]) => !isPermissive(license))
if (refused.length > 0) {
  console.error(
    `\nThese licenses are not permissive: ${refused.map(([name, license]) => `${name} (${license})`).join(", ")}`
  )
  process.exitCode = 1
}
