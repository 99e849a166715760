import { fork } from "node:child_process"
import { compiled } from "./build.js"

/** Runs `use` while the loopback server runs in its own process. */
export const withServer = async <A>(use: (origin: string) => Promise<A>): Promise<A> => {
  const child = fork(compiled("test/bench/server/server.ts"), { execArgv: [] })
  try {
    const port = await new Promise<number>((resolve, reject) => {
      child.once("error", reject)
      child.once("exit", (code) => reject(new Error(`the server exited with ${code} before it listened`)))
      child.once("message", (address: { readonly port: number }) => resolve(address.port))
    })
    return await use(`http://127.0.0.1:${port}`)
  } finally {
    child.removeAllListeners("exit")
    await new Promise<void>((resolve) => {
      child.once("exit", () => resolve())
      child.kill()
    })
  }
}
