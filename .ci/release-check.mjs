/** Tells everything that keeps this checkout from being published. `npm publish` runs it first. */
import { execFileSync } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { problemsOf } from "./repository.mjs"

const read = (path) => readFileSync(path, "utf8")
const manifest = JSON.parse(read("package.json"))
const { version } = manifest

const problems = problemsOf(manifest)

const newest = /^## (.*)$/m.exec(read("CHANGELOG.md"))?.[1]
if (newest !== version)
  problems.push(`The newest section of CHANGELOG.md is "${newest}" instead of "${version}"`)

const locked = JSON.parse(read("package-lock.json")).version
if (locked !== version) problems.push(`package-lock.json has the version ${locked} instead of ${version}`)

if (!read("src/internal/values/version.ts").includes(`"${version}"`))
  problems.push("src/internal/values/version.ts has another version. Run npm run version")

const pending = readdirSync(".changeset").filter((name) => name.endsWith(".md") && name !== "README.md")
if (pending.length > 0)
  problems.push(`These changes belong to no version yet: ${pending.join(", ")}. Run npm run release:version`)

const changed = execFileSync("git", ["status", "--porcelain"], { encoding: "utf8" }).trim()
if (changed !== "") problems.push(`These files are not committed:\n${changed}`)

if (problems.length > 0) {
  console.error(`Version ${version} cannot be published:\n- ${problems.join("\n- ")}`)
  process.exitCode = 1
} else {
  console.log(`Version ${version} can be published.`)
}
