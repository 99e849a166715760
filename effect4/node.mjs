/**
 * Finds a Node that is new enough for the tools of Effect 4, which need 22.19 or later.
 */
import { createRequire } from "node:module"
import { dirname, join } from "node:path"

const require = createRequire(import.meta.url)

const isNewEnough = (version) => {
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number)
  return major > 22 || (major === 22 && minor >= 19)
}

/** The packages that contain a Node for this machine, of which at most one is installed. */
const packages = [`node-${process.platform}-${process.arch}`, `node-bin-${process.platform}-${process.arch}`]

/** The path of a Node, or `undefined` if there is none for this machine. */
export const findNode = () => {
  if (isNewEnough(process.version)) return process.execPath
  for (const name of packages) {
    try {
      return join(dirname(require.resolve(`${name}/package.json`)), "bin", "node")
    } catch {
      // The package is not for this machine.
    }
  }
  return undefined
}
