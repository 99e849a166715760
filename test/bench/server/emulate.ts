/**
 * `emulate`, another sandbox of APIs, installed when it is measured. It is no dependency, because nothing else needs it.
 */
import { execFile, spawn } from "node:child_process"
import { existsSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { freePort } from "../../support/freePort.js"
import { root } from "../harness/build.js"

/** The measured version, the newest when the section was written. */
export const emulateVersion = "0.12.2"

const folder = join(root, "node_modules/.cache/effect-sendmux-emulate")

const entry = join(folder, "node_modules/emulate/package.json")

export interface Emulate {
  readonly origin: string
  readonly close: () => void
}

const install = async (): Promise<void> => {
  if (existsSync(entry)) return
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true }))
  const args = ["install", `emulate@${emulateVersion}`, "--no-audit", "--no-fund", "--ignore-scripts"]
  await promisify(execFile)("npm", args, { cwd: folder })
}

/** Starts its API of Resend with a Node. Rejects if it cannot be installed or does not start. */
export const startEmulate = async (node: string): Promise<Emulate> => {
  await install()
  const port = await freePort()
  const program = join(folder, "node_modules/.bin/emulate")
  const child = spawn(node, [program, "start", "--service", "resend", "--port", String(port)], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"]
  })
  let output = ""
  await new Promise<void>((resolve, reject) => {
    const read = (part: Buffer) => {
      output += part.toString()
      if (output.includes("Ready")) resolve()
    }
    child.stdout.on("data", read)
    child.stderr.on("data", read)
    child.once("error", reject)
    child.once("exit", () => reject(new Error(`emulate has ended: ${output.trim().split("\n")[0] ?? ""}`)))
  })
  return { origin: `http://127.0.0.1:${port}`, close: () => child.kill() }
}
