import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import { describe, expect, expectTypeOf, it } from "vitest"
import type {
  APIError,
  DeadlineExceededError,
  InvalidRequestError,
  PaginationError,
  ResponseDecodeError,
  SendmuxError,
  SendmuxStreamError,
  TransportError
} from "../../src/internal/model/errors.js"
import type { DraftStateError, EventIdStore, WaitTimeoutError } from "../../src/Mailbox.js"
import type { DeliveryTimeoutError, DomainVerificationTimeoutError } from "../../src/Management.js"
import type { ContextOf, ErrorIn, StreamErrorOf } from "../support/types.js"
import type { Services } from "./tables.js"

type Management = Services["management"]
type Mailbox = Services["mailbox"]

/** The error channel of what a method returns. */
type ErrorOf<Method> = Method extends (...args: infer _) => infer Returned
  ? Returned extends Effect.Effect<infer _, infer E, infer _>
    ? E
    : Returned extends Stream.Stream<infer _, infer E, infer _>
      ? E
      : never
  : never

class Refused extends Data.TaggedError("Refused")<{ readonly why: string }> {}

/** Type-checks calls without running them. */
const typed = (check: (services: Services) => unknown) => expect(check).toBeTypeOf("function")

describe("error channels", () => {
  it("of a call hold every failure of a request", () => {
    expectTypeOf<SendmuxError>().toEqualTypeOf<
      APIError | TransportError | ResponseDecodeError | InvalidRequestError | DeadlineExceededError
    >()
    type Send = Services["sending"]["emails"]["send"]
    expectTypeOf<ErrorOf<Send>>().toEqualTypeOf<SendmuxError>()
    expectTypeOf<ErrorOf<Send["withResponse"]>>().toEqualTypeOf<SendmuxError>()
    expect.assertions(0)
  })

  it("of a conditional read hold every failure of a request", () => {
    type Get = Management["domains"]["get"]
    expectTypeOf<ErrorOf<Get>>().toEqualTypeOf<SendmuxError>()
    expectTypeOf<ErrorOf<Get["ifNoneMatch"]>>().toEqualTypeOf<SendmuxError>()
    expect.assertions(0)
  })

  it("of a list add PaginationError to its streams, and nothing to one page", () => {
    type List = Mailbox["messages"]["list"]
    expectTypeOf<SendmuxStreamError>().toEqualTypeOf<SendmuxError | PaginationError>()
    expectTypeOf<ErrorOf<List>>().toEqualTypeOf<SendmuxStreamError>()
    expectTypeOf<ErrorOf<List["pages"]>>().toEqualTypeOf<SendmuxStreamError>()
    expectTypeOf<ErrorOf<List["page"]>>().toEqualTypeOf<SendmuxError>()
    type Content = Mailbox["threads"]["getContent"]
    expectTypeOf<ErrorOf<Content["ifNoneMatch"]>>().toEqualTypeOf<SendmuxError>()
    expect.assertions(0)
  })

  it("of a download hold every failure of a request", () => {
    type Download = Mailbox["messages"]["downloadRaw"]
    expectTypeOf<ErrorOf<Download>>().toEqualTypeOf<SendmuxError>()
    expectTypeOf<ErrorOf<Download["withResponse"]>>().toEqualTypeOf<SendmuxError>()
    expectTypeOf<ErrorOf<Download["ifNoneMatch"]>>().toEqualTypeOf<SendmuxError>()
    expectTypeOf<ErrorOf<Mailbox["attachments"]["downloadResumable"]>>().toEqualTypeOf<SendmuxError>()
    expect.assertions(0)
  })

  it("of an event stream add the errors of its store", () => {
    typed(({ mailbox }) => {
      expectTypeOf(mailbox.events.stream()).toExtend<Stream.Stream<unknown, SendmuxError>>()
      const store = {} as EventIdStore<Refused>
      const stream = mailbox.events.stream({}, { store })
      expectTypeOf<StreamErrorOf<typeof stream>>().toEqualTypeOf<SendmuxError | Refused>()
    })
  })

  it("of the changes of a mailbox add PaginationError", () => {
    expectTypeOf<ErrorOf<Mailbox["sync"]["follow"]>>().toEqualTypeOf<SendmuxStreamError>()
    expectTypeOf<ErrorOf<Mailbox["sync"]["changes"]>>().toEqualTypeOf<SendmuxStreamError>()
    expect.assertions(0)
  })

  it("of modify add the errors and requirements of the change", () => {
    typed(({ management }) => {
      const { modify } = management.domains
      const plain = modify("mdom_1", () => ({ mode: "send_receive" }))
      expectTypeOf<ErrorIn<typeof plain>>().toEqualTypeOf<SendmuxError>()
      const failing = modify("mdom_1", ({ id }) => new Refused({ why: id }))
      expectTypeOf<ErrorIn<typeof failing>>().toEqualTypeOf<SendmuxError | Refused>()
      expectTypeOf<ContextOf<typeof failing>>().toBeNever()
      // @ts-expect-error the change returns another input than the update accepts
      return modify("mdom_1", () => ({ mode: "send_only" }))
    })
  })

  it("of waits add their timeout errors", () => {
    type Drafts = Mailbox["drafts"]
    expectTypeOf<ErrorOf<Mailbox["messages"]["waitFor"]>>().toEqualTypeOf<SendmuxError | WaitTimeoutError>()
    expectTypeOf<ErrorOf<Drafts["waitUntilSent"]>>().toEqualTypeOf<
      SendmuxError | WaitTimeoutError | DraftStateError
    >()
    expectTypeOf<ErrorOf<Drafts["waitUntilReady"]>>().toEqualTypeOf<
      SendmuxError | WaitTimeoutError | DraftStateError
    >()
    expectTypeOf<ErrorOf<Management["domains"]["waitUntilVerified"]>>().toEqualTypeOf<
      SendmuxError | DomainVerificationTimeoutError
    >()
    expectTypeOf<ErrorOf<Management["emails"]["waitForDelivery"]>>().toEqualTypeOf<
      SendmuxStreamError | DeliveryTimeoutError
    >()
    expect.assertions(0)
  })
})

describe("catchTag", () => {
  it("narrows the handled error and removes it from the channel", () => {
    typed(({ management }) => {
      const handled = management.domains.get("mdom_1").pipe(
        Effect.catchTag("APIError", (error) => {
          expectTypeOf(error).toEqualTypeOf<APIError>()
          return Effect.succeed(error.status)
        })
      )
      expectTypeOf<ErrorIn<typeof handled>>().toEqualTypeOf<
        TransportError | ResponseDecodeError | InvalidRequestError | DeadlineExceededError
      >()
      const waited = management.domains
        .waitUntilVerified("mdom_1")
        .pipe(Effect.catchTag("DomainVerificationTimeoutError", () => Effect.succeed(undefined)))
      expectTypeOf<ErrorIn<typeof waited>>().toEqualTypeOf<SendmuxError>()
    })
  })

  it("rejects the tag of an error that cannot occur", () => {
    typed(({ management }) => {
      const get = management.domains.get("mdom_1")
      // @ts-expect-error a call cannot fail with PaginationError
      return get.pipe(Effect.catchTag("PaginationError", () => Effect.void))
    })
  })
})
