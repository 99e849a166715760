import { describe, expect, expectTypeOf, it } from "vitest"
import type {
  CallOptions,
  ConditionalMethod,
  DownloadOptions,
  IdempotentOptions,
  MailboxTarget,
  Method
} from "../../src/internal/model/call.js"
import type { OptionsOf as OptionsOfTraits } from "../../src/internal/operation/flags.js"
import type { Operation, OperationFacts } from "../../src/internal/operation/operation.js"
import { operationName } from "../../src/internal/operation/operation.js"
import { discover } from "../contract/discover.js"
import type { FlagProblems } from "./flags.js"
import { type Services, type Tables, tables } from "./tables.js"

describe("flags of the operations", () => {
  it("lists every operation of the package in the tables of the type tests", async () => {
    const listed = Object.entries(tables).flatMap(([surface, groups]) =>
      Object.entries(groups).flatMap(([group, operations]) =>
        Object.entries<OperationFacts>(operations).map(([method, operation]) => {
          const name = operationName(operation)
          expect(name).toBe(`${surface}.${group}.${method}`)
          return name
        })
      )
    )
    const { operations } = await discover()
    expect(listed.sort()).toEqual([...operations.keys()].sort())
  })

  it("gives each method exactly the options and members of its operation's flags", () => {
    expectTypeOf<FlagProblems<Services["sending"], Tables["sending"]>>().toBeNever()
    expectTypeOf<FlagProblems<Services["management"], Tables["management"]>>().toBeNever()
    expectTypeOf<FlagProblems<Services["mailbox"], Tables["mailbox"]>>().toBeNever()
    expect(Object.keys(tables)).toEqual(["sending", "management", "mailbox"])
  })

  it("reports an option that a method promises and its operation lacks", () => {
    interface Service {
      readonly group: { readonly get: Method<[id: string, options?: IdempotentOptions], string> }
    }
    interface Table {
      readonly group: { readonly get: Operation<[string], undefined, string, "envelope"> }
    }
    expectTypeOf<
      FlagProblems<Service, Table>
    >().toEqualTypeOf<"group.get promises the option idempotencyKey, which its operation lacks">()
    expect.assertions(0)
  })

  it("reports an option that a method hides", () => {
    interface Service {
      readonly group: { readonly get: Method<[id: string, options?: CallOptions], string> }
    }
    interface Table {
      readonly group: { readonly get: Operation<[string], undefined, string, "ifMatch" | "mailboxId"> }
    }
    expectTypeOf<FlagProblems<Service, Table>>().toEqualTypeOf<
      | "group.get hides the option ifMatch of its operation"
      | "group.get hides the option mailbox_id of its operation"
    >()
    expect.assertions(0)
  })

  it("reports a conditional read without its flag, and a range without a download", () => {
    interface Service {
      readonly group: {
        readonly get: ConditionalMethod<[id: string, options?: CallOptions], string>
        readonly read: Method<[id: string, options?: DownloadOptions], string>
      }
    }
    interface Table {
      readonly group: {
        readonly get: Operation<[string], undefined, string, "envelope">
        readonly read: Operation<[string], undefined, string, "envelope">
      }
    }
    expectTypeOf<FlagProblems<Service, Table>>().toEqualTypeOf<
      | "group.get promises .ifNoneMatch, which its operation lacks"
      | "group.read promises the option range, which its operation lacks"
    >()
    expect.assertions(0)
  })

  it("reports an operation without a method", () => {
    interface Table {
      readonly group: { readonly get: Operation<[string], undefined, string, "envelope"> }
    }
    expectTypeOf<
      FlagProblems<{ readonly group: object }, Table>
    >().toEqualTypeOf<"group.get is an operation without a method">()
    expectTypeOf<
      FlagProblems<object, Table>
    >().toEqualTypeOf<"group is a group without a place in the service">()
    expect.assertions(0)
  })

  it("derives the options of a call from the traits of its operation", () => {
    type Plain = OptionsOfTraits<"envelope">
    expectTypeOf<Plain["idempotencyKey"]>().toEqualTypeOf<undefined>()
    expectTypeOf<Plain["ifMatch"]>().toEqualTypeOf<undefined>()
    expectTypeOf<Plain["mailbox_id"]>().toEqualTypeOf<undefined>()
    expectTypeOf<Plain["range"]>().toEqualTypeOf<undefined>()
    expectTypeOf<OptionsOfTraits<"envelope" | "idempotencyKey">>().toExtend<IdempotentOptions>()
    expectTypeOf<OptionsOfTraits<"envelope" | "mailboxId">>().toExtend<MailboxTarget>()
    expectTypeOf<OptionsOfTraits<"bytes" | "range">>().toExtend<DownloadOptions>()
    const options: OptionsOfTraits<"envelope" | "ifMatch"> = { ifMatch: '"1"', timeout: "1 second" }
    expect(options.ifMatch).toBe('"1"')
  })
})
