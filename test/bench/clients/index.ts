/**
 * The clients that are compared. Each is loaded only in the processes that measure it.
 */
import type { Jobs } from "../harness/job.js"

interface Client {
  readonly label: string
  readonly load: () => Promise<Jobs>
}

const effectClient = (kind: "bare" | "careful" | "json", transport: "fetch" | "undici" | "mock"): Client => ({
  label: `Effect's client, ${kind}, over ${transport}`,
  load: async () => {
    const { effectJobs } = await import("./effect.js")
    const { loadTransport } = await import("./transports.js")
    return effectJobs(kind, await loadTransport(transport))
  }
})

const sdk = (transport: "fetch" | "undici" | "mock"): Client => ({
  label: `effect-sendmux over ${transport}`,
  load: async () => {
    const { sendmuxJobs } = await import("./sendmux.js")
    const { loadTransport } = await import("./transports.js")
    return sendmuxJobs(await loadTransport(transport))
  }
})

const all = {
  fetch: { label: "fetch by hand", load: async () => (await import("./fetch.js")).jobs },
  undici: { label: "undici by hand", load: async () => (await import("./undici.js")).jobs },
  "json-undici": effectClient("json", "undici"),
  "json-fetch": effectClient("json", "fetch"),
  "bare-undici": effectClient("bare", "undici"),
  "bare-fetch": effectClient("bare", "fetch"),
  "careful-undici": effectClient("careful", "undici"),
  "careful-fetch": effectClient("careful", "fetch"),
  "sdk-undici": sdk("undici"),
  "sdk-fetch": sdk("fetch"),
  resend: { label: "resend", load: async () => (await import("./resend.js")).jobs },
  postmark: { label: "postmark", load: async () => (await import("./postmark.js")).jobs },
  ses: { label: "@aws-sdk/client-sesv2", load: async () => (await import("./ses.js")).jobs },
  openai: { label: "openai, the same JSON", load: async () => (await import("./openai.js")).jobs },
  "json-mock": effectClient("json", "mock"),
  "bare-mock": effectClient("bare", "mock"),
  "careful-mock": effectClient("careful", "mock"),
  "sdk-mock": sdk("mock")
} satisfies Record<string, Client>

export type ClientName = keyof typeof all

export const clients: Readonly<Record<ClientName, Client>> = all
