import { ServerClient } from "postmark"
import { email, emails, messageId, pageSize } from "../fixtures.js"
import { type Jobs, promiseJob } from "../harness/job.js"

const toPostmark = (message: typeof email) => ({
  From: `${message.from.name} <${message.from.email}>`,
  To: `${message.to.name} <${message.to.email}>`,
  Subject: message.subject,
  HtmlBody: message.html_body,
  TextBody: message.text_body,
  Headers: Object.entries(message.custom_headers).map(([Name, Value]) => ({ Name, Value }))
})

const client = (origin: string) =>
  new ServerClient("bench-0123456789", { useHttps: false, requestHost: new URL(origin).host })

export const jobs: Jobs = {
  send: async (origin) => {
    const postmark = client(origin)
    return promiseJob(
      () => postmark.sendEmail(toPostmark(email)),
      ({ ErrorCode, MessageID }) => ErrorCode === 0 && MessageID === messageId
    )
  },
  batch: async (origin) => {
    const postmark = client(origin)
    return promiseJob(
      () => postmark.sendEmailBatch(emails.map(toPostmark)),
      (results) => results.length === pageSize && results.every(({ ErrorCode }) => ErrorCode === 0)
    )
  }
}
