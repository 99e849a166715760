/**
 * Bundles the command line program into one executable file that needs no other package, with the notices of the packages that
 * it contains.
 */
import { mkdir, writeFile } from "node:fs/promises"
import { dirname, join, relative } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { build } from "esbuild"
import { noticesOf } from "./notices.mjs"
import { buildPage, pageHeaders } from "./page/build.mjs"

const here = dirname(fileURLToPath(import.meta.url))
const root = dirname(here)

/** What packages written for CommonJS expect in a module. */
const banner = `import { createRequire as __createRequire } from "node:module"
const require = __createRequire(import.meta.url)`

/** Replaces the build of the page by the files that it makes. */
const withPage = (page) => ({
  name: "page",
  setup: ({ onLoad }) =>
    onLoad({ filter: /[\\/]cli[\\/]page[\\/]build\.mjs$/ }, () => ({
      contents: `export const pageHeaders = ${JSON.stringify(pageHeaders)}
export const buildPage = async () => (${JSON.stringify({ html: page.html, files: page.files })})`
    }))
})

/** Bundles the program into a folder. Returns the path of the executable. */
export const buildProgram = async (folder) => {
  const page = await buildPage()
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [join(here, "main.ts")],
    outfile: join(folder, "effect-sendmux.js"),
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    // Some packages name a variant for bundlers that is smaller and needs no interop.
    mainFields: ["module", "main"],
    conditions: ["module"],
    tsconfig: join(root, "tsconfig.json"),
    banner: { js: banner },
    // Names stay, because errors and logs show those of classes.
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "none",
    plugins: [withPage(page)],
    metafile: true,
    write: false,
    logLevel: "warning",
    // The package says that its modules have no side effects, so a check of the installed version is left out here.
    logOverride: { "ignored-bare-import": "silent" }
  })
  const inputs = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.entries(inputs))
  const bundled = inputs.flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : []))
  const notices = await noticesOf(root, [...bundled, ...page.inputs.map((file) => relative(root, file))])
  await mkdir(folder, { recursive: true })
  for (const { contents, path } of outputFiles) await writeFile(path, contents, { mode: 0o755 })
  await writeFile(join(folder, "THIRD-PARTY-NOTICES.txt"), notices)
  return join(folder, "effect-sendmux.js")
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await buildProgram(join(root, "dist", "cli"))
}
