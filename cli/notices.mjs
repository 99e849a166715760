/**
 * The notices of the packages that a bundle contains.
 */
import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"

const packagePath = /^(.*\bnode_modules\/(?:@[^/]+\/)?[^/]+)\//

/** The folders of the packages that files belong to, relative to the root. Files of this project belong to none. */
const packagesOf = (files) =>
  [...new Set(files.map((file) => packagePath.exec(file.replaceAll("\\", "/"))?.[1]))]
    .filter((folder) => folder !== undefined)
    .sort()

const licenseFile = /^(?:licen[cs]e|copying|notice)(?:[.-].*)?$/i

const noticeOf = async (root, folder) => {
  const path = join(root, folder)
  const { license, name, version } = JSON.parse(await readFile(join(path, "package.json"), "utf8"))
  const files = (await readdir(path)).filter((file) => licenseFile.test(file)).sort()
  if (typeof license !== "string" || files.length === 0) {
    throw new Error(`The package ${name}@${version} cannot be bundled, because it has no licence in ${path}`)
  }
  const texts = await Promise.all(files.map((file) => readFile(join(path, file), "utf8")))
  return { name, version, license, text: texts.map((text) => text.trim()).join("\n\n") }
}

const rule = "-".repeat(80)

/** Returns the notices of the packages that bundled files belong to. Fails if a package has no licence. */
export const noticesOf = async (root, files) => {
  const notices = await Promise.all(packagesOf(files).map((folder) => noticeOf(root, folder)))
  const title = "The command line program of effect-sendmux contains these packages."
  return `${[title, ...notices.map((n) => `${rule}\n${n.name} ${n.version} (${n.license})\n\n${n.text}`)].join("\n\n")}\n`
}
