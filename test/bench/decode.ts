/**
 * Decoding alone: pages of 100 items that `JSON.parse` has returned, by the SDK's decoder and by one written by hand.
 * `node --expose-gc --import tsx test/bench/decode.ts [--json] [--quick]`
 *
 * Both make the same values. The decoder by hand trusts the response: it tests no types. It reads timestamps as the
 * documentation of Effect does it, with `DateTime.unsafeMake`.
 */
import * as DateTime from "effect/DateTime"
import * as Redacted from "effect/Redacted"
import { messageOperations } from "../../src/mailbox/messages/operations.js"
import { emailOperations } from "../../src/management/emails/emails.js"
import { emailOperations as sendingOperations } from "../../src/sending/emails/emails.js"
import { email, emailLog, inboxMessage, pageSize } from "./fixtures.js"
import { median, ratioOf } from "./harness/stats.js"

type Wire<A> = A extends string | number | boolean | null | undefined
  ? A
  : { readonly [K in keyof A]: Wire<A[K]> }

const instant = (text: string | null): DateTime.Utc | null => {
  if (text === null) return null
  return DateTime.unsafeMake(text)
}

type LogWire = Wire<ReturnType<typeof emailLog>>

const logsByHand = (page: ReadonlyArray<LogWire>) =>
  page.map((log) => ({
    id: log.id,
    provider_id: log.provider_id ?? null,
    provider_name: log.provider_name ?? null,
    message_id: log.message_id ?? null,
    from_email: log.from_email ?? null,
    sent_from_email: log.sent_from_email ?? null,
    to_email: log.to_email ?? null,
    subject: log.subject ?? null,
    status: log.status,
    status_reason: log.status_reason ?? null,
    attempts: log.attempts,
    sent_at: instant(log.sent_at),
    size_bytes: log.size_bytes ?? null,
    created_at: DateTime.unsafeMake(log.created_at),
    recipient_count: log.recipient_count ?? null,
    accepted_recipient_count: log.accepted_recipient_count ?? null,
    rejected_recipient_count: log.rejected_recipient_count ?? null,
    delivery_group: log.delivery_group ?? null
  }))

interface AddressWire {
  readonly email: string
  readonly name: string | null
}

interface AttachmentWire {
  readonly id: string
  readonly filename: string | null
  readonly content_type: string
  readonly size_bytes: number | null
  readonly disposition: string | null
  readonly content_id: string | null
  readonly download_url?: string
}

type MessageWire = Omit<ReturnType<typeof inboxMessage>, "attachments" | "cc" | "bcc"> & {
  readonly attachments: ReadonlyArray<AttachmentWire>
  readonly cc: ReadonlyArray<AddressWire>
  readonly bcc: ReadonlyArray<AddressWire>
}

const address = ({ email, name }: AddressWire) => ({ email, name: name ?? null })

const attachment = (one: AttachmentWire) => ({
  id: one.id,
  filename: one.filename ?? null,
  content_type: one.content_type,
  size_bytes: one.size_bytes ?? null,
  disposition: one.disposition ?? null,
  content_id: one.content_id ?? null,
  ...(one.download_url === undefined ? {} : { download_url: Redacted.make(one.download_url) })
})

const messagesByHand = (page: ReadonlyArray<MessageWire>) =>
  page.map((message) => ({
    id: message.id,
    thread_id: message.thread_id ?? null,
    folder_ids: message.folder_ids.slice(),
    subject: message.subject ?? null,
    from: message.from === null ? null : address(message.from),
    to: message.to.map(address),
    cc: message.cc.map(address),
    bcc: message.bcc.map(address),
    preview: message.preview ?? null,
    flags: {
      seen: message.flags.seen,
      flagged: message.flags.flagged,
      answered: message.flags.answered,
      draft: message.flags.draft
    },
    keywords: message.keywords.slice(),
    has_attachments: message.has_attachments,
    attachments: message.attachments.map(attachment),
    size_bytes: message.size_bytes ?? null,
    received_at: instant(message.received_at),
    sent_at: instant(message.sent_at)
  }))

interface Contest {
  readonly name: string
  /** Runs both sides with a page that was just parsed. */
  readonly parse: () => unknown
  readonly sdk: (page: unknown) => unknown
  readonly byHand: (page: unknown) => unknown
}

const contest = <A>(
  name: string,
  items: ReadonlyArray<A>,
  sdk: (page: unknown) => unknown,
  byHand: (page: ReadonlyArray<A>) => unknown
): Contest => {
  const text = JSON.stringify(items)
  // `JSON.parse` returns what the fixture was.
  return { name, parse: () => JSON.parse(text), sdk, byHand: (page) => byHand(page as ReadonlyArray<A>) }
}

const pageOf = <A>(item: (index: number) => A): ReadonlyArray<A> =>
  Array.from({ length: pageSize }, (_, i) => item(i))

const contests: ReadonlyArray<Contest> = [
  contest(
    "a page of 100 messages",
    pageOf<MessageWire>(inboxMessage),
    messageOperations.list.decode,
    messagesByHand
  ),
  contest("a page of 100 log entries", pageOf<LogWire>(emailLog), emailOperations.listLogs.decode, logsByHand)
]

/** Microseconds for each value. */
const timed = (values: ReadonlyArray<unknown>, convert: (value: unknown) => unknown): number => {
  const start = process.hrtime.bigint()
  for (const value of values) convert(value)
  return Number(process.hrtime.bigint() - start) / 1_000 / values.length
}

const check = ({ byHand, name, parse, sdk }: Contest): void => {
  const coded = sdk(parse())
  const value = typeof coded === "object" && coded !== null ? Reflect.get(coded, "value") : undefined
  if (JSON.stringify(value) !== JSON.stringify(byHand(parse()))) {
    throw new Error(`${name} is decoded to other values by hand`)
  }
}

const quick = process.argv.includes("--quick")
const rounds = quick ? 5 : 31
const warmUp = 10
const batches = 20
const pagesOfBatch = 5

/**
 * One round: small batches in turn, so that a page is decoded soon after it was parsed, as in a call. Their median leaves
 * out batches that another process or a long garbage collection has interrupted.
 */
const round = (one: Contest) => {
  const times = { sdk: [] as number[], byHand: [] as number[] }
  for (let batch = 0; batch < batches; batch++) {
    for (const side of batch % 2 === 0 ? (["sdk", "byHand"] as const) : (["byHand", "sdk"] as const)) {
      const pages = Array.from({ length: pagesOfBatch }, () => one.parse())
      times[side].push(timed(pages, one[side]))
    }
  }
  return { sdk: median(times.sdk), byHand: median(times.byHand) }
}

const measure = (one: Contest) => {
  const results = Array.from({ length: warmUp + rounds }, () => round(one)).slice(warmUp)
  const sdk = results.map(({ sdk }) => sdk)
  const byHand = results.map(({ byHand }) => byHand)
  return { name: one.name, sdk, byHand, ...ratioOf(sdk, byHand) }
}

const encodeMicros = (): number => {
  const { encode } = sendingOperations.send
  const inputs = Array.from({ length: 2_000 }, (_, index) => ({ ...email, subject: `Welcome ${index}` }))
  return median(Array.from({ length: warmUp + rounds }, () => timed(inputs, encode)).slice(warmUp))
}

for (const one of contests) check(one)
const encoding = encodeMicros()
// All schemas share the closures' code, which is slower for each further schema that has run. So both run first.
for (const one of contests) for (let index = 0; index < 300; index++) one.sdk(one.parse())
const results = contests.map(measure)

if (process.argv.includes("--json")) {
  console.log(
    JSON.stringify({ ratios: results.map(({ max, median, min, name }) => ({ name, median, min, max })) })
  )
} else {
  for (const { byHand, max, median: middle, min, name, sdk } of results) {
    console.log(
      `${name}: ${middle.toFixed(2)} of a decoder by hand (${min.toFixed(2)} to ${max.toFixed(2)}), ` +
        `${median(sdk).toFixed(0)} µs to ${median(byHand).toFixed(0)} µs`
    )
  }
  console.log(`the input of a send: ${encoding.toFixed(2)} µs`)
}
