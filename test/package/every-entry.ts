/** Imports every entry of the installed package that needs no optional peer, and calls it. */
import * as FileSystem from "@effect/platform/FileSystem"
import * as BigDecimal from "effect/BigDecimal"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { APIError } from "effect-sendmux"
import { AgentAuth } from "effect-sendmux/AgentAuth"
import * as Body from "effect-sendmux/Body"
import { Bulk, Ledger } from "effect-sendmux/Bulk"
import * as Core from "effect-sendmux/Core"
import * as Credentials from "effect-sendmux/Credentials"
import * as Drift from "effect-sendmux/Drift"
import * as EntityTagCache from "effect-sendmux/EntityTagCache"
import { Mailbox } from "effect-sendmux/Mailbox"
import { MailboxFiles } from "effect-sendmux/MailboxFiles"
import { Management } from "effect-sendmux/Management"
import * as OAuth from "effect-sendmux/OAuth"
import * as RateLimit from "effect-sendmux/RateLimit"
import * as Sandbox from "effect-sendmux/Sandbox"
import { Sending } from "effect-sendmux/Sending"
import { SendingFiles } from "effect-sendmux/SendingFiles"
import * as Template from "effect-sendmux/Template"
import * as Testing from "effect-sendmux/Testing"
import * as Webhooks from "effect-sendmux/Webhooks"

const mocked = Testing.layer({ "management.domains.delete": Testing.ok({ deleted: true, id: "mdom_1" }) })

const secret = Redacted.make("whsec_of_this_test")

const program = Effect.gen(function* () {
  const sending = yield* Sending
  const management = yield* Management
  const mailbox = yield* Mailbox
  const files = yield* SendingFiles
  const mailboxFiles = yield* MailboxFiles

  yield* sending.emails.send({
    from: { email: "hello@example.com" },
    to: { email: "agent@sandbox.test" },
    subject: `Hello from ${Template.tags.from_name}`,
    ...Body.fromHtml("<p>Hello</p>")
  })
  const message = {
    id: "reader-1",
    email: {
      from: { email: "news@example.com" },
      to: { email: "ada@example.com" },
      subject: "News",
      html_body: "<p>News</p>"
    }
  }
  const outcomes = yield* Stream.runCollect(Bulk.send([message], { campaign: "news" }))
  console.log([...outcomes].map(({ _tag }) => _tag))

  const { balance } = yield* management.billing.getBalance()
  const logs = yield* Stream.runCollect(management.emails.listLogs())
  const inbox = yield* Stream.runCollect(mailbox.messages.list())
  const refused = yield* Effect.flip(files.attachments.uploadFile("nowhere"))

  const missing = yield* Effect.flip(mailboxFiles.attachments.uploadFile("nowhere"))

  const body = JSON.stringify({ id: "evt_1", type: "sendmux.test" })
  const headers = yield* Webhooks.sign({ body, secret })
  const forged = yield* Effect.flip(Webhooks.verify({ body: `${body} `, headers, secrets: secret }))

  console.log(
    BigDecimal.format(balance),
    logs.length,
    inbox.length,
    refused._tag,
    missing._tag,
    forged.reason
  )
  const raw = yield* Effect.provide(
    Core.httpClient({ surface: "management", apiKey: Sandbox.rootKey }),
    Sandbox.layer
  )
  console.log((yield* raw.get("/domains")).status, Core.version.length > 0)

  const gone = yield* Effect.flip(sending.attachments.get("att_000000000000000000000000"))
  console.log(APIError.is("not_found")(gone))

  const client = yield* OAuth.Client
  const control = yield* Sandbox.Control
  const login = yield* client.startLogin({ scopes: ["email.send"] })
  const { scopes } = yield* client.finishLogin(login, yield* control.oauth.approve(login.url))
  const agents = yield* AgentAuth
  const { pre_claim_scopes } = yield* agents.register({ client_name: "Reader" })
  console.log(scopes, pre_claim_scopes, Credentials.variables.sending.length)
})

const surfaces = Layer.mergeAll(
  OAuth.Client.layer({ clientId: Sandbox.appId, redirectUri: "http://127.0.0.1:8765/callback" }).pipe(
    Layer.provide(OAuth.TokenStore.layerMemory)
  ),
  AgentAuth.layer(),
  Sending.layer({ apiKey: Sandbox.mailboxKey }),
  Mailbox.layer({ apiKey: Sandbox.mailboxKey }),
  Management.layer({ apiKey: Sandbox.rootKey }).pipe(Layer.provide(EntityTagCache.layerMemory()))
)

const layer = Layer.merge(SendingFiles.layer, MailboxFiles.layer).pipe(
  Layer.provideMerge(surfaces),
  Layer.provide(RateLimit.layerMemory()),
  Layer.provide(Drift.layerMetric),
  Layer.provideMerge(Sandbox.layer),
  Layer.provide(FileSystem.layerNoop({}))
)

await Effect.runPromise(Effect.provide(program, Layer.merge(layer, Ledger.layerMemory)))

await Effect.runPromise(
  Effect.flatMap(Management, ({ domains }) => domains.delete("mdom_1")).pipe(
    Effect.provide(Management.layer({ apiKey: Redacted.make("smx_root_test") }).pipe(Layer.provide(mocked)))
  )
)
