import { Resend } from "resend"
import { email, emails, messageId, pageSize } from "../fixtures.js"
import { concurrency, type Jobs, promiseJob, streamJob } from "../harness/job.js"

const toResend = (message: typeof email) => ({
  from: `${message.from.name} <${message.from.email}>`,
  to: `${message.to.name} <${message.to.email}>`,
  subject: message.subject,
  html: message.html_body,
  text: message.text_body,
  headers: message.custom_headers
})

const client = (origin: string) => new Resend("re_bench_0123456789", { baseUrl: `${origin}/resend` })

/** The client returns failures as values. */
const unwrap = <A>({ data, error }: { readonly data: A | null; readonly error: unknown }): A => {
  if (error !== null || data === null) throw new Error(`resend failed: ${JSON.stringify(error)}`)
  return data
}

/**
 * A campaign as one writes it by hand: chunks of 100, each with a key of its own, several at once, and the ids joined back
 * to the recipients. It remembers nothing, so that after a crash it is unknown what was sent.
 */
const campaign = async (origin: string) => {
  const resend = client(origin)
  return streamJob(async (wanted) => {
    const sent = new Map<string, string>()
    let next = 0
    const worker = async (): Promise<void> => {
      while (next < wanted) {
        const start = next
        next += pageSize
        const messages = emails.slice(0, Math.min(pageSize, wanted - start))
        const idempotencyKey = `campaign-${start}`
        const { data } = unwrap(await resend.batch.send(messages.map(toResend), { idempotencyKey }))
        for (const index of messages.keys()) {
          const id = data[index]?.id
          if (id !== undefined) sent.set(`reader-${start + index}`, id)
        }
      }
    }
    await Promise.all(Array.from({ length: concurrency }, worker))
    return sent.size
  }, pageSize)
}

export const jobs: Jobs = {
  campaign,
  "campaign-sqlite": campaign,
  send: async (origin) => {
    const resend = client(origin)
    return promiseJob(
      async () => unwrap(await resend.emails.send(toResend(email), { idempotencyKey: crypto.randomUUID() })),
      ({ id }) => id === messageId
    )
  },
  batch: async (origin) => {
    const resend = client(origin)
    return promiseJob(
      async () =>
        unwrap(await resend.batch.send(emails.map(toResend), { idempotencyKey: crypto.randomUUID() })),
      ({ data }) => data.length === pageSize
    )
  }
}
