/**
 * Copies the sources of the SDK next to the dialect for Effect 4, so that they resolve Effect 4.
 *
 * The tracked files of `effect4` are never overwritten. Every other file in the copied folders is generated, and is
 * removed when its original is gone. Files that have not changed are not written, so that incremental builds stay fast.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"

const here = dirname(fileURLToPath(import.meta.url))
const root = dirname(here)

/** The folder of the dialect, whose files for Effect 4 are written by hand. */
const dialect = join("src", "internal", "dialect")

const filesIn = (folder) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? filesIn(path) : [path]
  })

const exists = (path) => statSync(path, { throwIfNoEntry: false }) !== undefined

const write = (path, text) => {
  if (exists(path) && readFileSync(path, "utf8") === text) return
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

/** Copies one folder. `skip` tells which files are not copied, and `convert` changes the text of a copied file. */
const copyFolder = (folder, { convert = (text) => text, skip = () => false } = {}) => {
  const copied = new Set()
  for (const path of filesIn(join(root, folder))) {
    const name = relative(root, path)
    copied.add(name)
    if (skip(name)) continue
    write(join(here, name), convert(readFileSync(path, "utf8"), name))
  }
  if (!exists(join(here, folder))) return
  for (const path of filesIn(join(here, folder))) {
    const name = relative(here, path)
    if (!copied.has(name) && !skip(name)) rmSync(path)
  }
}

export const syncSources = () => copyFolder("src", { skip: (name) => dirname(name) === dialect })

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) syncSources()
