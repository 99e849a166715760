/** Checks the files of an unpacked tarball: `content.mjs <folder>`. Run from the root of the project. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { urlOf } from "../../.ci/repository.mjs"

const [folder] = process.argv.slice(2)
const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))

const problems = []

const top = readdirSync(folder).sort()
const expected = ["CHANGELOG.md", "LICENSE", "README.md", "dist", "package.json"]
if (top.join() !== expected.join())
  problems.push(`The top level has ${top.join(", ")} instead of ${expected.join(", ")}`)

const files = readdirSync(join(folder, "dist"), { recursive: true })
const maps = files.filter((file) => file.endsWith(".map"))
if (maps.length > 0) problems.push(`These source maps have no sources: ${maps.slice(0, 3).join(", ")}`)

const targets = Object.values(manifest.exports).flatMap((target) =>
  typeof target === "string" ? [target] : Object.values(target)
)
for (const target of targets)
  if (!existsSync(join(folder, target))) problems.push(`${target} is exported and missing`)

const readme = readFileSync(join(folder, "README.md"), "utf8")
const base = `${urlOf(manifest)}/blob/v${manifest.version}/`
const links = [...readme.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link)
const guides = links.filter((link) => link.startsWith(base))
if (guides.length < 10) problems.push(`The README has only ${guides.length} links to guides`)
for (const link of guides) {
  const path = link.slice(base.length).replace(/#.*/, "")
  if (!existsSync(path)) problems.push(`The README links to ${path}, which is missing`)
}
for (const link of links)
  if (!/^(?:https:\/\/|#)/.test(link))
    problems.push(`The README of the package has the relative link ${link}`)

const kilobytes = files.reduce((sum, file) => sum + statSync(join(folder, "dist", file)).size, 0) / 1000
console.log(`${files.length} files and folders of ${Math.round(kilobytes)} kB in dist`)
if (problems.length > 0) throw new Error(problems.join("\n"))
