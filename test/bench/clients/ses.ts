import { SESv2Client, SendEmailCommand } from "@aws-sdk/client-sesv2"
import { email, messageId } from "../fixtures.js"
import { type Jobs, promiseJob } from "../harness/job.js"

const toSes = (message: typeof email) => ({
  FromEmailAddress: `${message.from.name} <${message.from.email}>`,
  Destination: { ToAddresses: [`${message.to.name} <${message.to.email}>`] },
  Content: {
    Simple: {
      Subject: { Data: message.subject },
      Body: { Html: { Data: message.html_body }, Text: { Data: message.text_body } },
      Headers: Object.entries(message.custom_headers).map(([Name, Value]) => ({ Name, Value }))
    }
  }
})

/** SES has no batch of different messages without stored templates. */
export const jobs: Jobs = {
  send: async (origin) => {
    const client = new SESv2Client({
      endpoint: origin,
      region: "eu-west-1",
      credentials: { accessKeyId: "AKIABENCH", secretAccessKey: "bench-0123456789" }
    })
    return promiseJob(
      () => client.send(new SendEmailCommand(toSes(email))),
      ({ MessageId }) => MessageId === messageId,
      async () => client.destroy()
    )
  }
}
