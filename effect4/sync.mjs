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

/**
 * Copies files, and removes the copies of files that are gone. `isTracked` tells which files are written by hand here, and
 * `convert` changes the text of a copied file.
 */
const copy = (names, folder, { convert = (text) => text, isTracked = () => false } = {}) => {
  const copied = new Set(names.filter((name) => !isTracked(name)))
  for (const name of copied) write(join(here, name), convert(readFileSync(join(root, name), "utf8"), name))
  if (folder === undefined || !exists(join(here, folder))) return
  for (const path of filesIn(join(here, folder))) {
    const name = relative(here, path)
    if (!copied.has(name) && !isTracked(name)) rmSync(path)
  }
}

const namesIn = (folder) => filesIn(join(root, folder)).map((path) => relative(root, path))

// -----------------------------------------------------------------------------
// imports
// -----------------------------------------------------------------------------

/** The modules of Effect 4 that took the place of modules of the platform. */
const moved = (specifier) => {
  if (specifier === "@effect/platform/HttpLayerRouter") return "effect/http/HttpRouter"
  if (specifier === "@effect/platform-node/NodeContext") return "@effect/platform-node/NodeServices"
  if (specifier.startsWith("@effect/sql/")) return specifier.replace("@effect/", "effect/")
  if (specifier.startsWith("@effect/platform/")) {
    const name = specifier.slice("@effect/platform/".length)
    for (const home of ["effect/http", "effect/persistence", "effect"]) {
      const file = `${home.slice("effect/".length)}/${name}.js`
      if (exists(join(here, "node_modules", "effect", "dist", file))) return `${home}/${name}`
    }
  }
  return specifier
}

const importLine = /(\bfrom |\bimport\()"((?:effect|@effect|effect-sendmux)(?:\/[^"]+)?)"/g

/** Replaces the modules that a file imports, and that the code blocks of a text import. */
const convertImports = (importOf) => (text, name) =>
  /\.(?:[mc]?ts|md)$/.test(name)
    ? text.replaceAll(importLine, (_, before, specifier) => `${before}"${importOf(specifier, name)}"`)
    : text

/** The import of a module in documentation, whose code differs between the two versions in nothing else. */
const importOfDocumentation = (specifier) =>
  /^effect-sendmux(?:$|\/(?!v4(?:\/|$)|package\.json$))/.test(specifier)
    ? specifier.replace("effect-sendmux", "effect-sendmux/v4")
    : moved(specifier)

/** The names that documentation imports because the two versions have different ones, with those of Effect 4. */
const renamedImports = [
  ['import { redacted } from "effect/Config"', 'import { Redacted as redacted } from "effect/Config"'],
  [
    'import { all, redacted, string } from "effect/Config"',
    'import { all, Redacted as redacted, String as string } from "effect/Config"'
  ],
  ['import { GenericTag } from "effect/Context"', 'import { Service as GenericTag } from "effect/Context"'],
  ['import { fork } from "effect/Effect"', 'import { forkChild as fork } from "effect/Effect"'],
  ['import { unwrapEffect } from "effect/Layer"', 'import { unwrap as unwrapEffect } from "effect/Layer"'],
  ['import { unwrapScoped } from "effect/Layer"', 'import { unwrap as unwrapScoped } from "effect/Layer"']
]

const convertDocumentation = (text, name) =>
  renamedImports.reduce(
    (converted, [from, to]) => converted.replaceAll(from, to),
    convertImports(importOfDocumentation)(text, name)
  )

/** The first import of each entry, whose name is part of the message where the other version is installed. */
const guard = "dialect/with-effect-4-import-effect-sendmux-v4.js"

const convertSource = (text, name) =>
  convertDocumentation(text, name).replaceAll(guard, "dialect/with-effect-3-import-effect-sendmux.js")

// -----------------------------------------------------------------------------
// tests and examples
// -----------------------------------------------------------------------------

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
  if (!/^(?:effect|@effect)\//.test(specifier)) return specifier
  const shim = renamed[specifier] ?? specifier.slice(specifier.lastIndexOf("/") + 1)
  if (!exists(join(here, "shim", `${shim}.ts`))) return moved(specifier)
  return `${relative(join(here, dirname(name)), join(here, "shim"))}/${shim}.js`
}

/** The part of the tests' support that is written for each major. */
const testDialect = join("test", "support", "dialect")

/** Tests that look at the repository itself or need SQLite, whose package has no release for Effect 4. */
const onlyOnce = [
  // The command line program contains one version only.
  join("test", "cli"),
  join("docs", "examples", "campaign"),
  // These have nothing to do with the version, or are written for one.
  join("docs", "examples", "sandbox"),
  // The apps are written for Effect 3.
  join("docs", "examples", "inbox-worker"),
  join("docs", "examples", "newsletter"),
  join("docs", "examples", "onboarding-cli"),
  join("docs", "examples", "signup-service"),
  join("docs", "examples", "webhook-receiver"),
  join("docs", "examples", "webhooks"),
  join("docs", "examples", "testing-effect"),
  join("docs", "examples", "testing-playwright"),
  join("docs", "examples", "testing-vitest"),
  join("docs", "examples", "tracing"),
  join("test", "docs", "trace"),
  join("test", "docs", "trace.test.ts"),
  join("test", "docs", "emitted.ts"),
  join("test", "docs", "observability.test.ts"),
  join("test", "docs", "troubleshooting.test.ts"),
  join("test", "docs", "projects"),
  join("test", "docs", "example-projects.test.ts"),
  join("test", "docs", "sandbox-clients.test.ts"),
  join("test", "docs", "sandbox-guide.test.ts"),
  join("test", "docs", "webhooks-guide.test.ts"),
  join("test", "docs", "bulk-examples.test.ts"),
  join("test", "docs", "campaign-machines.test.ts"),
  join("test", "docs", "reliability.test.ts"),
  join("test", "bulk", "ledgers.test.ts"),
  join("test", "bulk", "outbox-transaction.test.ts"),
  join("test", "bulk", "proof.test.ts"),
  join("test", "proof"),
  join("test", "bench"),
  join("docs", "images"),
  // The page is served by the command line program, which is built with Effect 3.
  join("test", "page"),
  // The probe converts its programs itself.
  join("test", "runtimes"),
  // Generated by the tests of the site.
  join("test", ".examples"),
  // The site is made from the sources for Effect 3.
  join("test", "site"),
  join("test", "dialect", "dialect.test.ts"),
  join("test", "package", "layout.test.ts"),
  join("test", "package", "entries.test.ts"),
  join("test", "package", "release.test.ts"),
  join("test", "package", "try.sh"),
  join("test", "package", "apps.mjs"),
  join("test", "webhooks", "http-router.test.ts")
]

/** Sources that need a package which has no release for Effect 4: `@effect/sql-sqlite-node`. */
const onlyEffect3 = [join("src", "LedgerSqlite.ts"), join(dialect, "sqlite.ts")]

/** Copies the sources. Their docstrings are converted like other documentation. */
export const syncSources = () =>
  copy(
    namesIn("src").filter((name) => !onlyEffect3.includes(name)),
    "src",
    {
      isTracked: (name) => dirname(name) === dialect,
      convert: convertSource
    }
  )

/** Copies the tests, the guides and the examples. */
export const syncTests = () => {
  const isOnlyOnce = (name) => onlyOnce.some((path) => name === path || name.startsWith(path + sep))
  const tests = namesIn("test").filter((name) => !isOnlyOnce(name))
  copy(tests, "test", {
    isTracked: (name) => dirname(name) === testDialect,
    convert: convertImports(importOfTest)
  })
  const documents = namesIn("docs").filter((name) => !isOnlyOnce(name))
  copy(documents, "docs", { convert: convertDocumentation })
  // The folder has a README of its own.
  write(
    join(here, "docs", "README.md"),
    convertDocumentation(readFileSync(join(root, "README.md"), "utf8"), "README.md")
  )
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [option, file] = process.argv.slice(2)
  if (option === "--convert" && file !== undefined) {
    // Prints an example as a user of Effect 4 writes it.
    process.stdout.write(convertDocumentation(readFileSync(file, "utf8"), file))
  } else {
    syncSources()
    syncTests()
  }
}
