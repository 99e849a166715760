import { Resend } from "resend"
import { email, emails, messageId, pageSize } from "../fixtures.js"
import { type Jobs, promiseJob } from "../harness/job.js"

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

export const jobs: Jobs = {
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
