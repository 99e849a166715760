/**
 * Credentials from environment variables, and credentials that can access several mailboxes.
 */
import { inspect } from "node:util"
import * as HttpClient from "@effect/platform/HttpClient"
import { describe, expect, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"
import * as Credentials from "../../src/Credentials.js"
import { Mailbox } from "../../src/Mailbox.js"
import { Management } from "../../src/Management.js"
import * as Sandbox from "../../src/Sandbox.js"
import { Sending } from "../../src/Sending.js"
import { prettyWithCauses } from "../support/dialect/causes.js"
import { failure, mockClient } from "../support/http.js"
import { layerOf } from "../support/oauth.js"

/** Builds the layer of a surface from variables, and sends one request with it. */
const callWith = (surface: keyof typeof Credentials.variables, values: Readonly<Record<string, string>>) => {
  const { client, seen } = mockClient(() => failure(401, "authentication_required"))
  const calls = {
    sending: Effect.provide(
      Effect.flatMap(Sending, ({ connection }) => Effect.asVoid(connection.get())),
      Sending.layerConfig(Credentials.env("sending"))
    ),
    mailbox: Effect.provide(
      Effect.flatMap(Mailbox, ({ me }) => Effect.asVoid(me.get())),
      Mailbox.layerConfig(Credentials.env("mailbox"))
    ),
    management: Effect.provide(
      Effect.flatMap(Management, ({ connection }) => Effect.asVoid(connection.get())),
      Management.layerConfig(Credentials.env("management"))
    )
  }
  const provider = ConfigProvider.fromMap(new Map(Object.entries(values)))
  return calls[surface].pipe(
    Effect.provideService(HttpClient.HttpClient, client),
    Effect.withConfigProvider(provider),
    Effect.exit,
    Effect.map((exit) => ({ exit, seen }))
  )
}

/** What a program could print of a failure. */
const printed = <A, E>(exit: Exit.Exit<A, E>): string => {
  if (Exit.isSuccess(exit)) throw new Error("the layer must fail")
  const { cause } = exit
  return [
    prettyWithCauses(cause),
    String(cause),
    JSON.stringify(cause),
    inspect(cause, { depth: 20, showHidden: true })
  ].join("\n")
}

const valid = { sending: "smx_mbx_ok1", mailbox: "smx_mbx_ok1", management: "smx_root_ok1" } as const

for (const surface of ["sending", "mailbox", "management"] as const) {
  const names = Credentials.variables[surface]
  describe(`Credentials.env for ${surface}`, () => {
    for (const name of names) {
      it.effect(`sends the credential of ${name}, if the variables before it are empty`, () =>
        Effect.gen(function* () {
          const before = names.slice(0, names.indexOf(name)).map((other) => [other, "  "] as const)
          const after = names.slice(names.indexOf(name) + 1).map((other) => [other, "later"] as const)
          const value = name === "SENDMUX_ACCESS_TOKEN" ? "oat_ok1" : valid[surface]
          const { seen } = yield* callWith(surface, Object.fromEntries([...before, [name, value], ...after]))
          expect(seen[0]?.headers["authorization"]).toBe(`Bearer ${value}`)
        })
      )
    }

    it.effect(`sends requests to the URL of ${Credentials.urlVariables[surface]}, unless it is empty`, () =>
      Effect.gen(function* () {
        const url = Credentials.urlVariables[surface]
        const key = { [names[0] ?? ""]: valid[surface] }
        const { seen } = yield* callWith(surface, { ...key, [url]: "http://127.0.0.1:4700/base" })
        expect(seen[0]?.url.href).toMatch(/^http:\/\/127\.0\.0\.1:4700\/base\//)
        const empty = yield* callWith(surface, { ...key, [url]: " " })
        expect(empty.seen[0]?.url.hostname).toMatch(/\.sendmux\.ai$/)
      })
    )

    it.effect("names every variable if none is set, and sends nothing", () =>
      Effect.gen(function* () {
        const { exit, seen } = yield* callWith(surface, { SENDMUX_MAILBOX_ID: "mbx_1" })
        const text = printed(exit)
        for (const name of names) expect(text).toContain(name)
        expect(text).toContain(`no credential for ${surface}`)
        expect(seen).toEqual([])
      })
    )

    const invalid: Record<string, string> = {
      "of the wrong kind": surface === "management" ? "smx_mbx_s3cretvalue" : "smx_root_s3cretvalue",
      "with a scheme": "Bearer s3cretvalue",
      "in quotes": '"s3cretvalue"',
      "with a line break": "s3cretvalue\n"
    }
    for (const [what, value] of Object.entries(invalid)) {
      for (const name of names) {
        it.effect(`names ${name}, and not its value, if it has a credential ${what}`, () =>
          Effect.gen(function* () {
            const { exit, seen } = yield* callWith(surface, { [name]: value })
            const text = printed(exit)
            expect(text).toContain(name)
            expect(text).not.toContain("s3cretvalue")
            expect(seen).toEqual([])
          })
        )
      }
    }
  })
}

describe("SENDMUX_MAILBOX_ID", () => {
  const key = { SENDMUX_API_KEY: "smx_mbx_ok1" }
  for (const [value, expected] of [
    ["mbx_1", "mbx_1"],
    ["  ", null],
    [undefined, null]
  ] as const) {
    it.effect(
      `${value === undefined ? "that is not set" : JSON.stringify(value)} selects ${expected ?? "no mailbox"}`,
      () =>
        Effect.gen(function* () {
          const values = value === undefined ? key : { ...key, [Credentials.mailboxVariable]: value }
          const { seen } = yield* callWith("mailbox", values)
          expect(seen[0]?.url.searchParams.get("mailbox_id")).toBe(expected)
        })
    )
  }
})

describe("requireMailbox", () => {
  const accessToken = Sandbox.integrationKey

  it.effect("refuses calls and streams that select no mailbox before anything is sent", () =>
    Effect.gen(function* () {
      const { layer, seen } = mockClient(() => failure(401, "authentication_required"))
      const mailbox = yield* Effect.provide(Mailbox.make({ accessToken, requireMailbox: true }), layer)
      const calls: Record<string, Effect.Effect<unknown, unknown>> = {
        me: mailbox.me.get(),
        messages: Stream.runDrain(mailbox.messages.list()),
        events: Stream.runDrain(mailbox.events.stream()),
        send: mailbox.messages.send({ to: [{ email: "a@b.co" }], subject: "Hi", text_body: "Hi" })
      }
      for (const [name, call] of Object.entries(calls)) {
        const error = yield* Effect.flip(call)
        expect(error, name).toMatchObject({ _tag: "InvalidRequestError" })
        expect(String(error), name).toContain("mailbox_id is required")
      }
      expect(seen).toEqual([])
    })
  )

  it.effect("is satisfied by the mailbox of the layer or of the call, and by operations of no mailbox", () =>
    Effect.gen(function* () {
      const { layer, seen } = mockClient(() => failure(401, "authentication_required"))
      const mailbox = yield* Effect.provide(Mailbox.make({ accessToken, requireMailbox: true }), layer)
      yield* Effect.flip(mailbox.me.get({ mailbox_id: "mbx_1" }))
      const selecting = yield* Effect.provide(
        Mailbox.make({ accessToken, requireMailbox: true, mailbox_id: "mbx_2" }),
        layer
      )
      yield* Effect.flip(selecting.me.get())
      const before = seen.length
      expect(new Set(seen.map(({ url }) => url.searchParams.get("mailbox_id")))).toEqual(
        new Set(["mbx_1", "mbx_2"])
      )
      yield* Effect.flip(mailbox.connection.get())
      expect(seen.length).toBeGreaterThan(before)
    })
  )
})

describe("an integration credential", () => {
  it.scoped(
    "works for the mailboxes of a team on Mailbox and Management, and for no mailbox of another one",
    () =>
      Effect.gen(function* () {
        const { client } = yield* Sandbox.make()
        const accessToken = Sandbox.integrationKey
        const mailbox = yield* Effect.provide(Mailbox.make({ accessToken }), layerOf(client))
        expect((yield* mailbox.me.get({ mailbox_id: "mbx_sandbox" })).email).toBe("agent@sandbox.test")
        // Without requireMailbox, the server refuses the call.
        expect(yield* Effect.flip(mailbox.me.get())).toMatchObject({ status: 400 })
        expect(yield* Effect.flip(mailbox.me.get({ mailbox_id: "mbx_foreign" }))).toMatchObject({
          status: 404
        })
        const management = yield* Effect.provide(Management.make({ accessToken }), layerOf(client))
        expect((yield* management.connection.get()).credential).toBeDefined()
      })
  )
})
