/** A sandbox mailbox that changes between the requests of `sync.follow`, and a consumer that keeps a copy of it. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Stream from "effect/Stream"
import { Retry, Sandbox, Sending } from "../../src/index.js"
import {
  type MailboxService,
  Mailbox,
  type SyncEvent,
  type SyncStates,
  type SyncType,
  syncTypes
} from "../../src/Mailbox.js"
import { makeClock, sleepBy } from "../../src/internal/dialect/clock.js"
import { address } from "./mailboxSandbox.js"
import type { SuccessOf } from "./types.js"
import type { SendingService } from "../../src/Sending.js"

// -----------------------------------------------------------------------------
// scenarios
// -----------------------------------------------------------------------------

const acts = [
  "deliver",
  "reply",
  "spam",
  "sendTo",
  "sendOut",
  "sendSelf",
  "seen",
  "flagged",
  "mark",
  "trash",
  "destroy",
  "destroyNewest",
  "batchMark",
  "batchTrash",
  "batchDestroy",
  "folderCreate",
  "folderRename",
  "folderMove",
  "folderDelete",
  "draft",
  "draftReply",
  "draftEdit",
  "draftSend",
  "draftSchedule",
  "draftDelete",
  "identity",
  "wait",
  "forget"
] as const

/** A change of the mailbox. `at` selects the item. */
export interface Act {
  readonly do: (typeof acts)[number]
  readonly at: number
}

/** What happens before one request. */
export interface Happening {
  readonly acts: ReadonlyArray<Act>
  /** The fault of the request itself. */
  readonly fault: Sandbox.FaultKind | undefined
}

/** One run of the consumer, and where it is interrupted. */
export interface Stretch {
  readonly happenings: ReadonlyArray<Happening>
  readonly breaks: { readonly at: "element" | "request"; readonly after: number }
}

export interface Scenario {
  readonly types: ReadonlyArray<SyncType>
  /** The number of items in a page of a list. */
  readonly pageSize: number
  /** The number of changes in a response. */
  readonly limit: number
  readonly before: ReadonlyArray<Act>
  readonly stretches: ReadonlyArray<Stretch>
}

const act: FastCheck.Arbitrary<Act> = FastCheck.record({
  // Messages arrive and change more often than the rare acts, such as forgetting all changes.
  do: FastCheck.oneof(
    {
      arbitrary: FastCheck.constantFrom<Act["do"]>("deliver", "reply", "destroy", "destroyNewest", "mark"),
      weight: 1
    },
    { arbitrary: FastCheck.constantFrom<Act["do"]>(...acts), weight: 2 }
  ),
  at: FastCheck.nat(30)
})

const fault: FastCheck.Arbitrary<Sandbox.FaultKind> = FastCheck.constantFrom(
  { _tag: "ConnectionLost" },
  { _tag: "ResponseLost" },
  { _tag: "ResponseTruncated" },
  { _tag: "BadGateway" },
  { _tag: "RateLimited" },
  { _tag: "ErrorResponse", status: 503 },
  { _tag: "ErrorResponse", status: 500, retryable: true }
)

const happening: FastCheck.Arbitrary<Happening> = FastCheck.record({
  acts: FastCheck.array(act, { maxLength: 2 }),
  fault: FastCheck.option(fault, { freq: 4, nil: undefined })
})

const stretch: FastCheck.Arbitrary<Stretch> = FastCheck.record({
  happenings: FastCheck.array(happening, { maxLength: 12 }),
  breaks: FastCheck.record({
    at: FastCheck.constantFrom("element" as const, "request" as const),
    after: FastCheck.integer({ min: 1, max: 25 })
  })
})

export const scenario: FastCheck.Arbitrary<Scenario> = FastCheck.record({
  types: FastCheck.oneof(
    FastCheck.constant<ReadonlyArray<SyncType>>(syncTypes),
    FastCheck.constant<ReadonlyArray<SyncType>>(["messages"]),
    FastCheck.subarray([...syncTypes], { minLength: 1 })
  ),
  pageSize: FastCheck.integer({ min: 2, max: 5 }),
  limit: FastCheck.integer({ min: 1, max: 6 }),
  before: FastCheck.array(act, { maxLength: 12 }),
  stretches: FastCheck.array(stretch, { maxLength: 4 })
})

const quiet: Happening = { acts: [], fault: undefined }

/** A message appears on the last page and is destroyed after it: it was emitted, but no change reports it. */
export const unreportedMessage: Scenario = {
  types: ["messages"],
  pageSize: 2,
  limit: 6,
  before: [1, 2, 3].map((at) => ({ do: "deliver", at })),
  stretches: [
    {
      happenings: [
        quiet,
        quiet,
        quiet,
        { acts: [{ do: "deliver", at: 0 }], fault: undefined },
        { acts: [{ do: "destroyNewest", at: 0 }], fault: undefined }
      ],
      breaks: { at: "request", after: 25 }
    }
  ]
}

/** A thread is destroyed before it is read, and the response that reports this is truncated. */
export const truncatedNotFound: Scenario = {
  types: ["messages", "threads", "identities"],
  pageSize: 2,
  limit: 1,
  before: [],
  stretches: [
    { happenings: [], breaks: { at: "element", after: 4 } },
    {
      happenings: [
        quiet,
        { acts: [{ do: "deliver", at: 0 }], fault: undefined },
        { acts: [{ do: "destroyNewest", at: 0 }], fault: undefined },
        { acts: [], fault: { _tag: "ResponseTruncated" } }
      ],
      breaks: { at: "element", after: 3 }
    }
  ]
}

// -----------------------------------------------------------------------------
// the mailbox
// -----------------------------------------------------------------------------

/** A clock whose time advances only when it is set. Short delays end immediately. */
class StillClock {
  time = Date.UTC(2026, 8, 1)
  readonly clock = makeClock({
    now: () => this.time,
    sleep: (millis) => (millis > longWait ? sleepBy(liveClock, millis) : eventLoop)
  })
}

const liveClock = Clock.make()

/** Longer than the delays between attempts, and shorter than the timeouts of requests and event streams. */
const longWait = 20_000

const eventLoop = Effect.async<void>((resume) => {
  const turn = setImmediate(() => resume(Effect.void))
  return Effect.sync(() => clearImmediate(turn))
})

type Items = Readonly<Record<string, unknown>>

/** Items as plain data, without fields that expire or that only one of the read operations returns. */
const plain = (items: Iterable<readonly [key: string, value: unknown]>): Items =>
  JSON.parse(
    JSON.stringify(Object.fromEntries(items), (key, value) =>
      key === "download_url" || key === "message_ids" ? undefined : value
    )
  )

const keyOf = (type: SyncType, id: string): string => `${type} ${id}`

const makeActor = (mailbox: MailboxService, sending: SendingService, control: Sandbox.SandboxControl) => {
  const { drafts, folders, identities, messages, quotas, submissions, threads } = mailbox
  let count = 0
  const pick = <A>(items: ReadonlyArray<A>, at: number): A | undefined => items[at % items.length]
  const withMessage = <B, E>(at: number, use: (id: string) => Effect.Effect<B, E>) =>
    Effect.flatMap(messages.list.page({ limit: 100 }), ({ items }) => {
      const item = pick(items, at)
      return item === undefined ? Effect.void : Effect.asVoid(use(item.id))
    })
  const withMessages = <B, E>(at: number, use: (ids: ReadonlyArray<string>) => Effect.Effect<B, E>) =>
    Effect.flatMap(messages.list.page({ limit: 100 }), ({ items }) => {
      const start = items.length === 0 ? 0 : at % items.length
      const ids = items.slice(start, start + 3).map(({ id }) => id)
      return ids.length === 0 ? Effect.void : Effect.asVoid(use([...ids, "msg_gone"]))
    })
  const withFolder = <B, E>(at: number, use: (id: string) => Effect.Effect<B, E>) =>
    Effect.flatMap(folders.list.page({ limit: 100 }), ({ items }) => {
      const own = pick(
        items.filter(({ role }) => role === null),
        at
      )
      return own === undefined ? Effect.void : Effect.asVoid(use(own.id))
    })
  type Draft = SuccessOf<ReturnType<typeof drafts.get>>
  const withDraft = <B, E>(at: number, use: (draft: Draft) => Effect.Effect<B, E>) =>
    Effect.flatMap(drafts.list.page({ limit: 100 }), ({ items }) => {
      const draft = pick(items, at)
      return draft === undefined ? Effect.void : Effect.asVoid(use(draft))
    })

  const perform = ({ at, do: what }: Act, clock: StillClock) => {
    const subject = `${what} ${++count}`
    const keywords = { [`v${count}`]: true }
    const mail = { to: address, subject, text: subject, headers: { "Message-ID": `<${count}@example.org>` } }
    const ada = [{ email: "ada@example.com" }]
    switch (what) {
      case "deliver":
        return control.deliver(mail)
      case "reply":
        return withMessage(at, (id) =>
          Effect.flatMap(messages.get(id), ({ message_id }) =>
            control.deliver({ ...mail, headers: { ...mail.headers, "In-Reply-To": message_id?.[0] ?? "" } })
          )
        )
      case "spam":
        return control.deliver({ ...mail, spam: true })
      case "sendTo":
        return sending.emails.send({
          from: { email: address },
          to: { email: address },
          subject,
          html_body: "<p>x</p>"
        })
      case "sendOut":
        return messages.send({ to: ada, subject, text_body: subject })
      case "sendSelf":
        return messages.send({ to: [{ email: address }], subject, text_body: subject })
      case "seen":
        return withMessage(at, (id) => messages.update(id, { seen: count % 2 === 0 }))
      case "flagged":
        return withMessage(at, (id) => messages.update(id, { flagged: count % 2 === 0 }))
      case "mark":
        return withMessage(at, (id) => messages.update(id, { keywords }))
      case "trash":
        return withMessage(at, (id) => messages.delete(id))
      case "destroy":
        return withMessage(at, (id) => messages.delete(id, { permanent: true }))
      case "destroyNewest":
        return withMessage(0, (id) => messages.delete(id, { permanent: true }))
      case "batchMark":
        return withMessages(at, (ids) => messages.batchUpdate({ ids, seen: true, keywords }))
      case "batchTrash":
        return withMessages(at, (ids) => messages.batchDelete({ ids }))
      case "batchDestroy":
        return withMessages(at, (ids) => messages.batchDelete({ ids, permanent: true }))
      case "folderCreate":
        return folders.create({ name: subject, sort_order: at })
      case "folderRename":
        return withFolder(at, (id) => folders.update(id, { name: subject }))
      case "folderMove":
        return withFolder(at, (id) => folders.update(id, { sort_order: at }))
      case "folderDelete":
        return withFolder(at, (id) => folders.delete(id))
      case "draft":
        return drafts.create({ to: ada, subject, text_body: subject })
      case "draftReply":
        return withMessage(at, (id) => drafts.reply(id))
      case "draftEdit":
        return withDraft(at, (draft) => drafts.edit(draft, { to: ada, subject }))
      case "draftSend":
        return withDraft(at, (draft) => drafts.sendNow(draft))
      case "draftSchedule":
        return withDraft(at, (draft) => drafts.sendAt(draft, new Date(clock.time + 60_000).toISOString()))
      case "draftDelete":
        return withDraft(at, ({ id }) => drafts.delete(id))
      case "identity":
        return identities.updateDefault({ name: subject })
      case "wait":
        return Effect.sync(() => {
          clock.time += 30_000
        })
      case "forget":
        return control.forgetChanges(address)
    }
  }

  const limit = 100
  const lists = {
    messages: Effect.map(messages.list.page({ limit }), ({ items }) => items),
    folders: Effect.map(folders.list.page({ limit }), ({ items }) => items),
    threads: Effect.map(threads.list.page({ limit }), ({ items }) => items),
    submissions: Effect.map(submissions.list.page({ limit }), ({ items }) => items),
    identities: Effect.map(identities.list.page({ limit }), ({ items }) => items),
    quotas: Effect.map(quotas.list.page({ limit }), ({ items }) => items)
  }
  return {
    perform,
    /** Reads all items of the given types. */
    contents: (types: ReadonlyArray<SyncType>) =>
      Effect.map(
        Effect.forEach(types, (type) =>
          Effect.map(lists[type], (items: ReadonlyArray<{ readonly id: string }>) =>
            items.map((item) => [keyOf(type, item.id), item] as const)
          )
        ),
        (entries) => plain(entries.flat())
      )
  }
}

// -----------------------------------------------------------------------------
// the consumer
// -----------------------------------------------------------------------------

/** Keeps a copy and saves it with its states. When it is interrupted, it loses what it has not saved. */
class Consumer {
  private copy = new Map<string, unknown>()
  saved: { readonly states: SyncStates; readonly copy: ReadonlyMap<string, unknown> } = {
    states: {},
    copy: new Map()
  }

  has(event: SyncEvent): boolean {
    return "id" in event && this.copy.has(keyOf(event.type, event.id))
  }

  handle(event: SyncEvent): void {
    switch (event._tag) {
      case "Reset":
        for (const key of this.copy.keys()) if (key.startsWith(keyOf(event.type, ""))) this.copy.delete(key)
        this.save(event.states)
        break
      case "Checkpoint":
        this.save(event.states)
        break
      case "Removed":
        this.copy.delete(keyOf(event.type, event.id))
        break
      default:
        this.copy.set(keyOf(event.type, event.id), event.value)
    }
  }

  break(): void {
    this.copy = new Map(this.saved.copy)
  }

  private save(states: SyncStates): void {
    this.saved = { states: JSON.parse(JSON.stringify(states)), copy: new Map(this.copy) }
  }

  get contents(): Items {
    return plain(this.copy)
  }
}

/** What a test can inspect after each element. */
export interface Following {
  readonly consumer: Consumer
  /** Whether the copy contained the item before. */
  readonly had: boolean
  /** All items of the followed types in the mailbox. */
  readonly contents: Effect.Effect<Items>
  /** Whether the mailbox has not changed since the current check for changes began. */
  readonly isStill: () => boolean
}

type Watch = (event: SyncEvent, following: Following) => Effect.Effect<void>

export const isCaughtUp = (event: SyncEvent): boolean => event._tag === "Checkpoint" && event.caughtUp

const lists = /\/mailbox\/(messages|folders|threads|submissions|identities|quotas)$/

/** Makes the server return lists in small pages. */
const inSmallPages = (request: HttpClientRequest.HttpClientRequest, pageSize: number) => {
  const url = new URL(request.url)
  if (request.method !== "GET" || !lists.test(url.pathname)) return request
  url.searchParams.set("limit", String(pageSize))
  return HttpClientRequest.setUrl(request, url.href)
}

const plenty = { mailbox: 1e9, sending: 1e9, management: 1e9 }

/** The number of checks of an unchanged mailbox after which no more elements can follow. */
const maxIdleChecks = 3

/**
 * Plays a scenario, then follows the mailbox until the copy has caught up, and returns the copy and the content.
 */
export const play = ({ before, limit, pageSize, stretches, types }: Scenario, watch: Watch) => {
  const clock = new StillClock()
  return Effect.gen(function* () {
    const { client, control } = yield* Sandbox.make({ limits: plenty })
    const settings = { apiKey: Sandbox.mailboxKey, retry: Retry.none }
    const provideRaw = Effect.provideService(HttpClient.HttpClient, client)
    const actor = makeActor(
      yield* provideRaw(Mailbox.make(settings)),
      yield* provideRaw(Sending.make(settings)),
      control
    )
    const consumer = new Consumer()
    let pending: Array<Happening> = []
    let done = 0
    let doneBeforeCheck = 0
    let idleChecks = 0
    let requestsLeft = Number.POSITIVE_INFINITY
    let interruption = yield* Deferred.make<void>()
    const breakOff = Effect.suspend(() =>
      Effect.zipRight(Deferred.succeed(interruption, undefined), Effect.never)
    )

    const perform = (act: Act) =>
      Effect.suspend(() => {
        done++
        clock.time++
        // Some acts fail, such as sending a draft that was already sent.
        return Effect.catchTag(actor.perform(act, clock), "APIError", () => Effect.void)
      })

    const arrive = (request: HttpClientRequest.HttpClientRequest) =>
      Effect.gen(function* () {
        const { pathname, searchParams } = new URL(request.url)
        if (pathname.endsWith("/events")) return request
        if (--requestsLeft < 0) return yield* breakOff
        const happening = pending.shift()
        for (const act of happening?.acts ?? []) yield* perform(act)
        if (pathname.endsWith("/changes") && searchParams.get("types")?.split(",").length === types.length) {
          doneBeforeCheck = done
          if (happening === undefined && ++idleChecks > maxIdleChecks) return yield* breakOff
        }
        if (happening?.fault !== undefined) yield* control.inject({ kind: happening.fault })
        return inSmallPages(request, pageSize)
      })
    const mailbox = yield* Effect.provideService(
      Mailbox.make({ apiKey: Sandbox.mailboxKey }),
      HttpClient.HttpClient,
      HttpClient.mapRequestEffect(client, (request) => Effect.orDie(arrive(request)))
    )

    const following: Omit<Following, "had"> = {
      consumer,
      contents: Effect.orDie(actor.contents(types)),
      isStill: () => done === doneBeforeCheck
    }
    const follow = Stream.suspend(() =>
      mailbox.sync.follow({ types, since: consumer.saved.states, limit, poll: "1 second" })
    ).pipe(
      Stream.tap((event) => {
        const had = consumer.has(event)
        consumer.handle(event)
        return watch(event, { ...following, had })
      })
    )

    for (const act of before) yield* perform(act)
    for (const { breaks, happenings } of stretches) {
      pending = [...happenings]
      interruption = yield* Deferred.make<void>()
      idleChecks = 0
      requestsLeft = breaks.at === "request" ? breaks.after : Number.POSITIVE_INFINITY
      const stretch = breaks.at === "element" ? Stream.take(follow, breaks.after) : follow
      yield* Effect.raceFirst(Stream.runDrain(stretch), Deferred.await(interruption))
      consumer.break()
      yield* control.clearFaults
      for (const { acts } of pending.splice(0)) yield* Effect.forEach(acts, perform)
    }
    requestsLeft = Number.POSITIVE_INFINITY
    idleChecks = Number.NEGATIVE_INFINITY
    yield* Stream.runDrain(Stream.takeUntil(follow, isCaughtUp))
    consumer.break()
    return { copy: consumer.contents, contents: yield* actor.contents(types) }
  }).pipe(Effect.scoped, Effect.withClock(clock.clock))
}
