/**
 * Onboards a customer: a domain with its DNS records, a mailbox with a key, and a mail that proves that all of it works.
 */
import { writeFile } from "node:fs/promises"
import { Management, Sending } from "effect-sendmux"
import * as Credentials from "effect-sendmux/Credentials"
import { dnsRecords, formatDnsRecord } from "effect-sendmux/Management"
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"

const options = {
  domain: Args.text({ name: "domain" }).pipe(Args.withDescription("the domain, such as example.com")),
  name: Options.text("mailbox").pipe(
    Options.withDescription("the name of the mailbox, before the @"),
    Options.withDefault("hello")
  ),
  testTo: Options.text("test-to").pipe(Options.withDescription("the address that receives the test mail"))
}

/** Can be repeated after any failure: under the same idempotency keys, nothing is created twice. */
const onboard = Command.make("onboard", options, ({ domain: domainName, name, testTo }) =>
  Effect.gen(function* () {
    const { domains, mailboxes } = yield* Management
    const once = (step: string) => ({ idempotencyKey: `onboard-${step}-${domainName}` })

    const domain = yield* domains.create({ domain: domainName, mode: "send_receive" }, once("domain"))
    yield* Console.log(`Publish these DNS records of ${domainName}:`)
    for (const record of dnsRecords(domain)) yield* Console.log(`  ${formatDnsRecord(record)}`)
    yield* Console.log("Waiting until they are found ...")
    yield* domains.waitUntilVerified(domain.id, { timeout: "2 hours" })

    const email = `${name}@${domainName}`
    const { credential, mailbox } = yield* mailboxes.create({ email }, once(`mailbox-${name}`))
    const key = credential ?? (yield* mailboxes.createKey(mailbox.id, { app_name: "onboarding" })).credential
    // The API shows the key only once. The file may be read by its owner only.
    const file = `${email}.env`
    const line = `SENDMUX_MAILBOX_API_KEY=${Redacted.value(key.secret)}\n`
    yield* Effect.tryPromise(() => writeFile(file, line, { mode: 0o600 }))
    yield* Console.log(`The mailbox ${email} is ready, and its key is in ${file}.`)

    const { baseUrl } = Credentials.env("sending")
    const { emails } = yield* Sending.make({ apiKey: key.secret, baseUrl: yield* baseUrl })
    const test = {
      from: { email },
      to: { email: testTo },
      subject: "It works",
      html_body: `<p>${domainName} can send.</p>`
    }
    const { message_id } = yield* emails.send(test, once(`test-${name}`))
    yield* Console.log(`The test mail to ${testTo} is on its way: ${message_id}`)
  })
).pipe(
  Command.withDescription("Onboards a customer with a domain and a mailbox."),
  Command.provide(Management.layerConfig(Credentials.env("management")))
)

const run = Command.run(onboard, { name: "onboard", version: "1.0.0" })

run(process.argv).pipe(Effect.provide([NodeHttpClient.layerUndici, NodeContext.layer]), NodeRuntime.runMain)
