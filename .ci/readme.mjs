/**
 * Makes the links of the README absolute before npm packs it, because the page of the package on npm has no `docs`, and
 * relative again afterwards: `readme.mjs absolute`, `readme.mjs relative`. The links name the tag of the version, so that
 * the README of an old version shows the guides of that version.
 */
import { readFileSync, writeFileSync } from "node:fs"
import { urlOf } from "./repository.mjs"

const manifest = JSON.parse(readFileSync("package.json", "utf8"))
const url = urlOf(manifest)
const folders = { page: `${url}/blob/v${manifest.version}/`, image: `${url}/raw/v${manifest.version}/` }

/** The target of a link or an image in Markdown that is neither an anchor, nor absolute, nor has a scheme. */
const relativeTarget = /\]\((?!#|\/|[a-z][a-z0-9+.-]*:)(?:\.\/)?([^)\s]+)\)/gi

const isImage = (target) => /\.(?:gif|jpe?g|png|svg|webp)$/i.test(target)

/** Applies a function to the text outside of code blocks. */
const outsideOfCode = (markdown, change) =>
  markdown
    .split(/^(```[\s\S]*?^```$)/m)
    .map((part) => (part.startsWith("```") ? part : change(part)))
    .join("")

const absolute = (markdown) =>
  outsideOfCode(markdown, (text) =>
    text.replaceAll(
      relativeTarget,
      (_, target) => `](${isImage(target) ? folders.image : folders.page}${target})`
    )
  )

const relative = (markdown) =>
  Object.values(folders).reduce((text, folder) => text.replaceAll(`](${folder}`, "]("), markdown)

const change = { absolute, relative }[process.argv[2]]
if (change === undefined) throw new Error("The argument must be absolute or relative")
writeFileSync("README.md", change(readFileSync("README.md", "utf8")))
