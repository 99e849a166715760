/**
 * Starts a sandbox with the command line of the arguments in an empty folder, sends a message to it, and ends it. Prints how long
 * it took until the sandbox was ready.
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const [command, ...args] = process.argv.slice(2)
const startedAt = performance.now()
const cwd = mkdtempSync(join(tmpdir(), "effect-sendmux-"))
const child = spawn(command, args, { cwd, stdio: ["ignore", "pipe", "inherit"], detached: true })

let output = ""
child.stdout.setEncoding("utf8").on("data", (text) => {
  output += text
})
while (!output.includes("keys")) {
  await Promise.race([
    once(child.stdout, "data"),
    once(child, "exit").then(([code]) => {
      throw new Error(`The program ended with exit code ${code}`)
    })
  ])
}
const millis = Math.round(performance.now() - startedAt)

const [, origin] = /listening on (\S+)/.exec(output)
const response = await fetch(`${origin}/sending/api/v1/emails/send`, {
  method: "POST",
  headers: { authorization: "Bearer smx_mbx_sandbox", "content-type": "application/json" },
  body: JSON.stringify({
    from: { email: "hello@example.com" },
    to: { email: "ada@example.org" },
    subject: "Hello",
    html_body: "<p>Hello</p>"
  })
})
const { ok } = await response.json()
// npx runs the program in a process of its own, which is in the same group.
process.kill(-child.pid, "SIGTERM")
if (!ok) throw new Error(`The sandbox responded with status ${response.status}`)
console.log(`${command} was ready after ${millis} ms`)
