import OpenAI from "openai"
import { email } from "../fixtures.js"
import { type Jobs, promiseJob } from "../harness/job.js"
import { type Envelope, isSent } from "./wire.js"

/** Not an email SDK, but one with retries, timeouts and typed errors. It posts the same JSON to the same path. */
export const jobs: Jobs = {
  send: async (origin) => {
    const client = new OpenAI({ apiKey: "sk-bench-0123456789", baseURL: origin })
    return promiseJob(
      () =>
        client.post<Envelope<{ readonly message_id: string }>>("/emails/send", {
          body: email,
          headers: { "idempotency-key": crypto.randomUUID() }
        }),
      isSent
    )
  }
}
