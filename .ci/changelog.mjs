/**
 * Moves what was written by hand for a version into the section that changesets made for it. A large change is easier to read
 * with tables and groups, which a changeset cannot have, so `CHANGELOG.md` may begin with `## <version> (unreleased)`.
 *
 * `changelog.mjs --notes` prints the section of the version instead, for its release on GitHub.
 */
import { readFileSync, writeFileSync } from "node:fs"

const { version } = JSON.parse(readFileSync("package.json", "utf8"))

/** The text before the first heading, and the title and the text of each heading, for headings of one level. */
const split = (text, level) => {
  const [before, ...parts] = text.split(new RegExp(`^${level} `, "m"))
  return {
    before: before.trim(),
    parts: parts.map((part) => {
      const [title, ...lines] = part.split("\n")
      return { title: title.trim(), text: lines.join("\n").trim() }
    })
  }
}

const paragraphs = (...texts) => texts.filter((text) => text !== "").join("\n\n")

const kinds = ["Major Changes", "Minor Changes", "Patch Changes"]

/** Joins two sections of a version, kind by kind. What changesets made is a list without a heading, so it comes first. */
const merge = (made, byHand) => {
  const [first, second] = [split(made, "###"), split(byHand, "###")]
  const unknown = second.parts.find(({ title }) => !kinds.includes(title))
  if (unknown !== undefined)
    throw new Error(`The heading "### ${unknown.title}" must be one of ${kinds.join(", ")}`)
  const textOf = ({ parts }, kind) => parts.find(({ title }) => title === kind)?.text ?? ""
  const sections = kinds.map((kind) => {
    const text = paragraphs(textOf(first, kind), textOf(second, kind))
    return text === "" ? "" : `### ${kind}\n\n${text}`
  })
  return paragraphs(first.before, second.before, ...sections)
}

const { before, parts } = split(readFileSync("CHANGELOG.md", "utf8"), "##")
const made = parts.find(({ title }) => title === version)

if (process.argv.includes("--notes")) {
  if (made === undefined) throw new Error(`CHANGELOG.md has no section for ${version}`)
  console.log(made.text)
} else {
  const byHand = parts.find(({ title }) => title === `${version} (unreleased)`)
  if (byHand !== undefined) {
    const sections = parts
      .filter((part) => part !== made)
      .map((part) =>
        part === byHand ? { title: version, text: merge(made?.text ?? "", byHand.text) } : part
      )
    const texts = sections.map(({ text, title }) => paragraphs(`## ${title}`, text))
    writeFileSync("CHANGELOG.md", `${paragraphs(before, ...texts)}\n`)
  }
}
