/**
 * Copies the sources of the SDK next to the dialect for Effect 4, so that they resolve Effect 4.
 *
 * The tracked files of `effect4` are never overwritten. Every other file in the copied folders is generated, and is
 * removed when its original is gone. Files that have not changed are not written, so that incremental builds stay fast.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { dirname, join, relative, sep } from "node:path"
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

// -----------------------------------------------------------------------------
// tests and examples
// -----------------------------------------------------------------------------

/** The modules of Effect 4 that took the place of modules of the platform. */
const moved = (specifier) => {
  if (specifier === "@effect/platform/HttpLayerRouter") return "effect/http/HttpRouter"
  if (specifier.startsWith("@effect/platform/")) {
    const name = specifier.slice("@effect/platform/".length)
    for (const home of ["effect/http", "effect/persistence", "effect"]) {
      if (exists(join(here, "node_modules", "effect", "dist", `${home.slice("effect/".length)}/${name}.js`))) {
        return `${home}/${name}`
      }
    }
  }
  return specifier
}

/** Names of modules whose shims have another name. */
const renamed = {
  "@effect/vitest": "vitest",
  "@effect/platform/Error": "PlatformError",
  "@effect/platform/HttpApp": "HttpApp"
}

/**
 * The import of a module in a test: its shim, if there is one, which gives the names of Effect 3 to what Effect 4 offers,
 * or the module that took its place.
 */
const importOfTest = (specifier, name) => {
  const shim = renamed[specifier] ?? specifier.slice(specifier.lastIndexOf("/") + 1)
  if (!exists(join(here, "shim", `${shim}.ts`))) return moved(specifier)
  return `${relative(join(here, dirname(name)), join(here, "shim"))}/${shim}.js`
}

/** Replaces the modules of Effect in a file. */
const convertWith = (importOf) => (text, name) =>
  /\.[mc]?ts$/.test(name)
    ? text.replaceAll(
        /(from |import\()"((?:effect|@effect)\/[^"]+)"/g,
        (_, before, specifier) => `${before}"${importOf(specifier, name)}"`
      )
    : text

/** The part of the tests' support that is written for each major. */
const testDialect = join("test", "support", "dialect")

/** Tests that look at the repository itself, and not at what the sources do. */
const onlyOnce = [
  join("test", "bench"),
  join("test", "dialect", "dialect.test.ts"),
  join("test", "package", "layout.test.ts"),
  join("test", "package", "try.sh"),
  join("test", "webhooks", "http-router.test.ts")
]

export const syncSources = () => copyFolder("src", { skip: (name) => dirname(name) === dialect })

export const syncTests = () => {
  copyFolder("test", {
    convert: convertWith(importOfTest),
    skip: (name) =>
      dirname(name) === testDialect || onlyOnce.some((path) => name === path || name.startsWith(path + sep))
  })
  // Examples are written with names that both versions have, so only their imports differ.
  copyFolder("docs", { convert: convertWith(moved) })
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  syncSources()
  syncTests()
}
