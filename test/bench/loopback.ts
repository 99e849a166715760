import { fork } from "node:child_process"
import { fileURLToPath } from "node:url"

/** Runs `use` while the loopback server runs in a process of its own, which is ended by its own handle. */
export const withServer = async <A>(use: (origin: string) => Promise<A>): Promise<A> => {
  const child = fork(fileURLToPath(new URL("./server.ts", import.meta.url)))
  try {
    const port = await new Promise<number>((resolve, reject) => {
      child.once("error", reject)
      child.once("exit", (code) => reject(new Error(`the server ended with ${code} before it listened`)))
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
