import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Body from "../../src/Body.js"
import { Management } from "../../src/Management.js"
import { Mailbox } from "../../src/Mailbox.js"
import * as Sandbox from "../../src/Sandbox.js"
import { Sending } from "../../src/Sending.js"
import * as Template from "../../src/Template.js"

const layer = Layer.mergeAll(
  Sending.layer({ apiKey: Sandbox.mailboxKey }),
  Mailbox.layer({ apiKey: Sandbox.mailboxKey }),
  Management.layer({ apiKey: Sandbox.rootKey })
).pipe(Layer.provideMerge(Sandbox.layer))

/** Makes a provider with values the only active one. */
const useProvider = Effect.gen(function* () {
  const { providers } = yield* Management
  const made = yield* providers.create({
    name: "The shop",
    smtp_host: "smtp.example.com",
    smtp_port: 587,
    smtp_protocol: "starttls",
    smtp_username: "shop-user",
    smtp_password: "password",
    from_email: "shop@example.com",
    from_name: "Shop\u0007 & Co",
    variables: { team_name: "The <b>team</b>", again: "[DP_NAME]" }
  })
  const { items } = yield* providers.list.page()
  for (const { id } of items) if (id !== made.id) yield* providers.deactivate(id)
})

const base = { from: { email: "hello@example.com" }, to: { email: "ada@example.org" } }

const visible = (text: string): string => text.replaceAll("\u2060", "")

/** What a browser shows of the entities that escaping writes. */
const shown = (html: string): string =>
  html
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&")

const strangers = [
  "[DP_NAME]",
  "Hi [DP_VAR_TEAM_NAME], [DP_FROM_EMAIL]",
  "[ DP_NAME ]",
  "[dp_name]",
  "[[DP_NAME]]",
  "DP_NAME]",
  "the end is [",
  "the end is [DP",
  '<b>[DP_NAME]</b> & "it\'s"',
  "\u2060[DP_NAME]",
  "plain [text] with [brackets] and DP_"
]

describe("the tags of a template", () => {
  it.effect("are replaced in the subject, the text and the HTML by the values of the provider, once", () =>
    Effect.gen(function* () {
      yield* useProvider
      const { emails } = yield* Sending
      const control = yield* Sandbox.Control
      const text =
        `${Template.tags.name}|${Template.tags.username}|${Template.tags.from_email}|${Template.tags.from_domain}|` +
        `${Template.tags.reply_to_email}|${Template.variable("team_name")}|${Template.variable("again")}|` +
        `${Template.variable("unset")}|[DP_UNKNOWN]`
      yield* emails.send({
        ...base,
        subject: `From ${Template.tags.from_name}`,
        html_body: `<p>${Template.variable("team_name")}</p>`,
        text_body: text,
        attachments: [{ filename: "a.txt", content: new TextEncoder().encode("[DP_NAME]") }]
      })
      const [sent] = yield* control.outbox
      expect(sent?.subject).toBe("From Shop & Co")
      expect(sent?.html).toBe("<p>The <b>team</b></p>")
      expect(sent?.text).toBe(
        "The shop|shop-user|shop@example.com|example.com||The <b>team</b>|[DP_NAME]||[DP_UNKNOWN]"
      )
      expect(new TextDecoder().decode(sent?.attachments[0]?.bytes)).toBe("[DP_NAME]")
    }).pipe(Effect.provide(layer))
  )

  it.effect("are replaced in what a mailbox sends, while its copy in Sent keeps them", () =>
    Effect.gen(function* () {
      const { messages } = yield* Mailbox
      const control = yield* Sandbox.Control
      yield* messages.send({ to: [{ email: "ada@example.org" }], subject: "[DP_NAME]", text_body: "Hi" })
      expect((yield* control.outbox).map(({ subject }) => subject)).toEqual(["Sandbox"])
      const { items } = yield* messages.list.page({ subject: "DP_NAME" })
      expect(items).toHaveLength(1)
    }).pipe(Effect.provide(layer))
  )

  it.effect("are not replaced in text of strangers that was escaped, and the reader sees it unchanged", () =>
    Effect.gen(function* () {
      yield* useProvider
      const { emails } = yield* Sending
      const control = yield* Sandbox.Control
      for (const text of strangers) {
        yield* emails.send({
          ...base,
          subject: `[${Template.escape(text)}DP_NAME]`,
          html_body: `<p>[${Template.escapeHtml(text)}</p>`,
          text_body: `[${Template.escape(text)}`
        })
      }
      const outbox = yield* control.outbox
      expect(outbox.map(({ subject }) => visible(subject))).toEqual(
        strangers.map((text) => `[${visible(text)}DP_NAME]`)
      )
      expect(outbox.map(({ text }) => visible(text ?? ""))).toEqual(
        strangers.map((text) => `[${visible(text)}`)
      )
      expect(outbox.map(({ html }) => shown(html ?? ""))).toEqual(strangers.map((text) => `<p>[${text}</p>`))
    }).pipe(Effect.provide(layer))
  )

  it("of a variable are made from its key, and an invalid key throws", () => {
    expect(Template.variable("team_name")).toBe("[DP_VAR_TEAM_NAME]")
    for (const key of ["", "Team", "a__b", "a-b", "x".repeat(65)]) {
      expect(() => Template.variable(key)).toThrow("must be in snake case")
    }
  })
})

describe("escaping", () => {
  it("twice is the same as once, and leaves text without tags unchanged", () => {
    for (const text of strangers) expect(Template.escape(Template.escape(text))).toBe(Template.escape(text))
    expect(Template.escape("Hello [you] and DP_ or 3 [x]")).toBe("Hello [you] and DP_ or 3 [x]")
  })

  it("of markup changes tags only", () => {
    expect(Template.escapeMarkup('<a title="[DP_NAME]">[x] & [DP_NAME]</a>')).toBe(
      '<a title="&#91;DP_NAME]">[x] & &#91;DP_NAME]</a>'
    )
    expect(Template.escapeMarkup("DP_NAME]")).toBe("&#68;P_NAME]")
  })

  it("of HTML survives the conversion to text, and tags that the author wrote stay tags", () => {
    const html = `<p>${Template.tags.name}: ${Template.escapeHtml("[DP_USERNAME]")} &#91;DP_VAR_A]</p>`
    const text = Body.toText(html)
    expect(visible(text)).toBe("[DP_NAME]: [DP_USERNAME] [DP_VAR_A]")
    expect(text.match(/\[DP_\w+\]/g)).toEqual(["[DP_NAME]"])
  })
})
