import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { EntityTagCache, Management, Sandbox, Sending } from "effect-sendmux"
import { onboard } from "../onboard-customer.js"
import { say, scene, show } from "./stage.js"

/** Runs an effect and returns its value with the number of requests that it made. */
const requestsOf = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const control = yield* Sandbox.Control
    const before = (yield* control.requests).length
    const value = yield* self
    return [value, (yield* control.requests).length - before] as const
  })

const customer = {
  domain: "customer.example.com",
  email: "ada@customer.example.com",
  webhookUrl: "https://hooks.example.com/sendmux"
}

const onboarding = Effect.gen(function* () {
  yield* scene("Onboard a customer")
  const onboarded = yield* onboard({
    ...customer,
    publish: (records) => Effect.forEach(records, (record) => say(`   ${record}`), { discard: true })
  })
  yield* show("mailbox", `${customer.email} (${onboarded.mailboxId})`)
  yield* show("API key", String(onboarded.apiKey))
  yield* show("webhook", onboarded.webhookId)
  const sending = yield* Sending.make({ apiKey: onboarded.apiKey })
  yield* show(
    "mailboxes of the key",
    (yield* sending.connection.get()).mailboxes.map(({ email }) => email).join()
  )
})

const logs = Effect.gen(function* () {
  yield* scene("Read the first five of a thousand log entries")
  const sending = yield* Sending
  const { emails } = yield* Management
  const messages = Array.from({ length: 100 }, (_, index) => ({
    from: { email: "news@example.com" },
    to: { email: `reader${index}@example.org` },
    subject: "News",
    html_body: "<p>There is news.</p>"
  }))
  for (let batch = 0; batch < 10; batch++) yield* sending.emails.sendBatch({ messages })
  const five = emails.listLogs({ limit: 100, search: "news" }).pipe(Stream.take(5))
  const [, requests] = yield* requestsOf(
    Stream.runForEach(five, (log) => show(log.to_email ?? "", `${log.status}, ${log.id}`))
  )
  yield* show("requests", requests)
})

const conflict = Effect.gen(function* () {
  yield* scene("Change a mailbox that someone else changes at the same time")
  const { mailboxes } = yield* Management
  const [mailbox] = (yield* mailboxes.list.page({ limit: 1 })).items
  if (mailbox === undefined) return
  let attempts = 0
  const changed = yield* mailboxes.modify(mailbox.id, ({ display_name }) =>
    Effect.gen(function* () {
      attempts++
      // During the first attempt, someone else writes between the read and the write.
      if (attempts === 1) yield* mailboxes.update(mailbox.id, { display_name: "Ada (them)" })
      return { display_name: `${display_name ?? "Ada"} (us)` }
    })
  )
  yield* show("final name", changed.display_name ?? "")
  yield* show("attempts", attempts)
})

const cache = Effect.gen(function* () {
  yield* scene("Read a domain from the ETag cache")
  const management = yield* Management.make({ apiKey: Sandbox.rootKey }).pipe(
    Effect.provide(EntityTagCache.layerMemory())
  )
  const [domain] = (yield* management.domains.list.page({ limit: 1 })).items
  if (domain === undefined) return
  for (const time of ["first read", "second read"]) {
    const { data, meta } = yield* management.domains.get.withResponse(domain.id)
    yield* show(time, `${meta.status}: ${data.domain}, ${data.verification_status}`)
  }
})

/** The scenes of Management, which require the sandbox. */
export const managementScenes = Effect.gen(function* () {
  yield* onboarding
  yield* logs
  yield* conflict
  yield* cache
})
