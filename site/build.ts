/** Builds the site into `site/dist`, and checks it: `npm run docs`. */
import { execFileSync } from "node:child_process"
import { cpSync, mkdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { linkProblems } from "./check.js"
import { writeGuides } from "./content/guides.js"
import { writeHome } from "./content/home.js"
import { writeLlms } from "./content/llms.js"
import { nameProblems, pageOfName } from "./content/names.js"
import { writeOperations } from "./content/operations/pages.js"
import { writeReference } from "./content/reference.js"
import { exists, pages, read, root, writePage } from "./content/repository.js"
import { sidebar } from "./content/sidebar.js"

const site = join(root, "site")
const built = join(site, "dist")
const base = process.env["DOCS_BASE"] ?? "/"

const step = (title: string, work: () => void): void => {
  const start = performance.now()
  console.log(`== ${title}`)
  work()
  console.log(`   ${((performance.now() - start) / 1000).toFixed(1)} s`)
}

/** Ends the build if there are problems. */
const reject = (problems: ReadonlyArray<string>): void => {
  if (problems.length === 0) return
  console.error(problems.slice(0, 50).join("\n"))
  throw new Error(`The site has ${problems.length} problems`)
}

/** Whether the installed packages are those of the lock file. npm writes what it has installed into a lock file of its own. */
const isInstalled = (): boolean => {
  const installed = "site/node_modules/.package-lock.json"
  if (!exists(installed)) return false
  const packages = (text: string): unknown => JSON.parse(text).packages
  const locked = Object(packages(read("site/package-lock.json")))
  return Object.entries<{ version?: string }>(Object(packages(read(installed)))).every(
    ([name, { version }]) => Object(locked[name]).version === version
  )
}

if (!isInstalled()) {
  step("packages of the site", () =>
    execFileSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: site, stdio: "inherit" })
  )
}
rmSync(pages, { recursive: true, force: true })
mkdirSync(pages, { recursive: true })
cpSync(join(site, "public"), join(pages, "public"), { recursive: true })
step("guides", writeGuides)
step("reference", writeReference)
step("public names", () => reject(nameProblems()))
step("operations", () => writeOperations(pageOfName))
step("navigation", () => {
  writeHome()
  writePage("sidebar.json", JSON.stringify(sidebar()))
})
step("site", () =>
  execFileSync(process.execPath, [join(site, "node_modules/vitepress/bin/vitepress.js"), "build"], {
    cwd: site,
    stdio: "inherit"
  })
)
step("texts for assistants", () => writeLlms(built))
step("links", () => reject(linkProblems(built, base)))
console.log(`The site is in site/dist. Serve it with npm run docs:serve.`)
