import { describe, expect, expectTypeOf, it } from "vitest"
import type { Args } from "../../src/internal/methods/methods.js"
import type { Operation } from "../../src/internal/operation/operation.js"
import type { OptionsOf } from "./flags.js"
import type { Services, Tables } from "./tables.js"

/** The optional keys of a type that reject an explicit `undefined`. */
type StrictKeys<A> = [A] extends [never]
  ? never
  : {
      [Key in keyof A & string]-?: Record<never, never> extends Pick<A, Key>
        ? { readonly [Name in Key]: undefined } extends Pick<A, Key>
          ? never
          : Key
        : never
    }[keyof A & string]

type InputOf<Op> = Op extends Operation<ReadonlyArray<string>, infer Input, unknown, infer _> ? Input : never

type StrictInputs<Table> = {
  [Group in keyof Table & string]: {
    [Name in keyof Table[Group] &
      string]: `${Group}.${Name}.${StrictKeys<NonNullable<InputOf<Table[Group][Name]>>>}`
  }[keyof Table[Group] & string]
}[keyof Table & string]

type StrictOptions<Service, Table> = {
  [Group in keyof Table & keyof Service & string]: {
    [Name in keyof Table[Group] &
      keyof Service[Group] &
      string]: `${Group}.${Name}.${StrictKeys<OptionsOf<Service[Group][Name]>> & string}`
  }[keyof Table[Group] & keyof Service[Group] & string]
}[keyof Table & keyof Service & string]

type Sending = Services["sending"]
type Management = Services["management"]
type Mailbox = Services["mailbox"]

/** Type-checks calls without running them. */
const typed = (check: (services: Services) => unknown) => expect(check).toBeTypeOf("function")

describe("inputs and options", () => {
  it("require an input that has a required key, and make every other input optional", () => {
    type Ids = [id: string]
    type Options = Args<[], undefined, "envelope">[0]
    expectTypeOf<Args<Ids, undefined, "envelope">>().toEqualTypeOf<[id: string, options?: Options]>()
    expectTypeOf<Args<Ids, { readonly a?: string }, "envelope">>().toEqualTypeOf<
      [id: string, input?: { readonly a?: string }, options?: Options]
    >()
    expectTypeOf<Args<Ids, { readonly a: string }, "envelope">>().toEqualTypeOf<
      [id: string, input: { readonly a: string }, options?: Options]
    >()
    expect.assertions(0)
  })

  it("require the required inputs and ids of a call", () => {
    typed(({ mailbox, management, sending }) => [
      mailbox.messages.list(),
      mailbox.messages.list({ limit: 10 }),
      management.domains.list(),
      management.domains.get("mdom_1"),
      // @ts-expect-error the message is required
      sending.emails.send(),
      // @ts-expect-error the id is required
      management.domains.get(),
      // @ts-expect-error the input is required
      management.domains.create(),
      // @ts-expect-error the field domain is required
      management.domains.create({ mode: "send_only" }),
      // @ts-expect-error the search is required
      mailbox.messages.searchSnippets(),
      // @ts-expect-error the update is required
      mailbox.messages.update("msg_1")
    ])
  })

  it("reject unknown fields, values of another type and options that do not apply", () => {
    typed(({ mailbox, management }) => [
      // @ts-expect-error the field is unknown
      management.domains.create({ domain: "example.com", color: "red" }),
      // @ts-expect-error the mode is unknown
      management.domains.create({ domain: "example.com", mode: "receive_only" }),
      // @ts-expect-error limit is a number
      mailbox.messages.list({ limit: "10" }),
      // @ts-expect-error verify accepts no idempotency key
      management.domains.verify("mdom_1", { idempotencyKey: "key" }),
      // @ts-expect-error create accepts no If-Match
      management.domains.create({ domain: "example.com" }, { ifMatch: '"1"' }),
      // @ts-expect-error a read accepts no range
      mailbox.messages.get("msg_1", { range: { start: 0 } }),
      // @ts-expect-error the Management surface has no mailbox target
      management.domains.get("mdom_1", { mailbox_id: "mbx_1" })
    ])
  })

  it("accept undefined for optional inputs and options under exactOptionalPropertyTypes", () => {
    typed(({ mailbox, management }) => [
      mailbox.messages.list({ limit: undefined, cursor: undefined }, { mailbox_id: undefined }),
      management.domains.create({ domain: "example.com", mode: undefined }, { idempotencyKey: undefined }),
      // @ts-expect-error a required field is not undefined
      management.domains.create({ domain: undefined })
    ])
    expectTypeOf<StrictOptions<Sending, Tables["sending"]>>().toBeNever()
    expectTypeOf<StrictOptions<Management, Tables["management"]>>().toBeNever()
    expectTypeOf<StrictOptions<Mailbox, Tables["mailbox"]>>().toBeNever()
    expectTypeOf<StrictInputs<Tables["sending"]>>().toBeNever()
    expectTypeOf<StrictInputs<Tables["management"]>>().toBeNever()
    expectTypeOf<StrictInputs<Tables["mailbox"]>>().toBeNever()
  })

  it("reports an optional key that rejects undefined", () => {
    expectTypeOf<
      StrictKeys<{ readonly a?: string; readonly b?: string | undefined; readonly c: string }>
    >().toEqualTypeOf<"a">()
    expect.assertions(0)
  })
})
