/**
 * Removes the link to Node 22 that npm made for the optional dependencies of this folder. The scripts of the project would
 * otherwise run with it instead of the Node of the machine, for which native packages are built.
 */
import { rmSync } from "node:fs"
import { fileURLToPath } from "node:url"

for (const path of ["../node_modules/.bin/node", "node_modules/.bin/node"]) {
  rmSync(fileURLToPath(new URL(path, import.meta.url)), { force: true })
}
