/**
 * Sets the address of the repository: `npm run repository -- https://github.com/<owner>/<name> [<home page>]`. It is in
 * `package.json` only, where npm, the README of the published package and the check of a release read it.
 */
import { readFileSync, writeFileSync } from "node:fs"
import { pathToFileURL } from "node:url"

/** The address until a maintainer sets one. Names that end with `.invalid` never belong to anyone. */
export const placeholder = "https://repository.invalid/effect-sendmux"

const pattern = /^https:\/\/github\.com\/[\w.-]+\/[\w.-]+$/

/** The fields of `package.json` that follow from the address. */
export const fieldsOf = (url, homepage = `${url}#readme`) => ({
  homepage,
  bugs: { url: `${url}/issues` },
  repository: { type: "git", url: `git+${url}.git` }
})

/** The address without the prefix and the suffix that npm expects. */
export const urlOf = ({ repository }) => repository.url.replace(/^git\+/, "").replace(/\.git$/, "")

/** What keeps a manifest from being published, as texts. */
export const problemsOf = (manifest) => {
  const url = urlOf(manifest)
  if (url === placeholder)
    return [
      "The repository is a placeholder. Set it: npm run repository -- https://github.com/<owner>/<name>"
    ]
  if (!pattern.test(url))
    return [`${url} is not the address of a repository such as https://github.com/<owner>/<name>`]
  const expected = fieldsOf(url)
  return manifest.bugs?.url === expected.bugs.url && /^https:\/\//.test(manifest.homepage ?? "")
    ? []
    : ["homepage and bugs do not belong to the repository. Set all three: npm run repository -- <address>"]
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [given = "", homepage] = process.argv.slice(2)
  const url = given.replace(/(?:\.git)?\/?$/, "")
  const manifest = JSON.parse(readFileSync("package.json", "utf8"))
  const changed = { ...manifest, ...fieldsOf(url, homepage) }
  const problems = problemsOf(changed)
  if (problems.length > 0) {
    console.error(problems.join("\n"))
    process.exitCode = 1
  } else {
    writeFileSync("package.json", `${JSON.stringify(changed, null, 2)}\n`)
    console.log(`The repository is ${url}, and the home page is ${changed.homepage}.`)
  }
}
