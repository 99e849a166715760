/** Writes the version of `package.json` into the sources. `npm version` runs it. */
import { readFileSync, writeFileSync } from "node:fs"

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"))
const file = new URL("../src/internal/values/version.ts", import.meta.url)
const text = readFileSync(file, "utf8")
const written = text.replace(/(export const version = )"[^"]*"/, `$1"${version}"`)
if (!written.includes(`"${version}"`)) throw new Error("version.ts has no constant for the version")
writeFileSync(file, written)
