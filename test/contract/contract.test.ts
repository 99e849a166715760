/**
 * Compares every operation of this package with the facts of the API's contract, and the facts with the vendor's
 * OpenAPI documents where those are available.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { decoder } from "../../src/internal/dialect/schema.js"
import { errorCodes } from "../../src/internal/model/errorCodes.js"
import type { AnyOperation } from "../../src/internal/operation/operation.js"
import { OpenEnum } from "../../src/internal/schema/schema.js"
import { RealtimeEvent } from "../../src/mailbox/events/schemas.js"
import { decodeEvent } from "../../src/webhooks/decodeEvent.js"
import { callProblems, loadService } from "./calls.js"
import { type DocumentedOperation, eventOf, surfaces } from "./contract.js"
import { definitionProblems } from "./definitions.js"
import { discover } from "./discover.js"
import { documentsFolder, hasDocuments, readDocuments } from "./documents.js"
import { enumProblems } from "./enums.js"
import { factFiles, formatFacts, readFacts, readFactsText } from "./facts.js"
import { toFacts } from "./factsFormat.js"
import { requestProblems, vocabularyOf } from "./requests.js"
import { type Decode, readingProblems, responseProblems } from "./responses.js"
import { largest, sample } from "./samples.js"

/** The decoders of a response's data; the schema of a stream decodes its events. */
const decodersOf = (
  document: DocumentedOperation,
  forms: ReadonlyArray<AnyOperation>
): ReadonlyArray<Decode> =>
  document.response === "events"
    ? [decoder(RealtimeEvent)]
    : forms.filter(({ data }) => data !== undefined).map(({ decode }) => decode)

const contract = readFacts()
const documents = contract.operations
const vocabulary = vocabularyOf(documents)
const { operations } = await discover()

describe("contract", () => {
  it("names every documented error code", () => {
    const known: ReadonlyArray<string> = errorCodes
    expect(contract.errors.codes.length).toBeGreaterThan(0)
    expect(contract.errors.codes.filter((code) => !known.includes(code))).toEqual([])
  })

  it.skipIf(!hasDocuments)(`keeps facts that agree with the documents in ${documentsFolder}`, () => {
    const described = readDocuments()
    const facts = toFacts(described)
    const update = "run npx tsx test/contract/update-facts.ts"
    for (const name of factFiles) {
      expect(
        readFactsText(name) === formatFacts(facts[name]),
        `facts/${name}.json is outdated: ${update}`
      ).toBe(true)
    }
    const byName = (all: ReadonlyArray<DocumentedOperation>) =>
      [...all].sort((one, other) => one.name.localeCompare(other.name))
    expect(byName(documents)).toEqual(byName(described.operations))
    expect({ ...contract, operations: [] }).toEqual({ ...described, operations: [] })
  })
})

describe("contract of webhooks", () => {
  const { types } = contract.events

  it("has facts about the types of events", () => {
    expect(types.length).toBeGreaterThan(0)
  })

  for (const type of types) {
    it(`decodes every documented ${type} delivery to an event of that type`, () => {
      expect(readingProblems(eventOf(contract, type), [(input) => decodeEvent(type, input)])).toEqual([])
      const coded = decodeEvent(type, sample(eventOf(contract, type), largest))
      expect(coded.ok && coded.value.type).toBe(type)
    })
  }
})

describe("comparison with the facts", () => {
  const find = (name: string) => {
    const document = documents.find((one) => one.name === name)
    const operation = operations.get(name)?.[0]?.operation
    if (document === undefined || operation === undefined) throw new Error(`no ${name}`)
    return { document, operation }
  }

  it("reports each property of an operation that differs from its facts", () => {
    const { document, operation } = find("sending.emails.send")
    const changed = {
      ...operation,
      path: "/emails",
      http: "PUT",
      success: [201],
      flags: { envelope: true }
    } as const
    expect(definitionProblems(document, changed)).toEqual([
      "HTTP method: the API documents POST, the SDK has PUT",
      "path: the API documents /emails/send, the SDK has /emails",
      "success statuses: the API documents 200, the SDK has 201",
      "accepts Idempotency-Key: the API documents true, the SDK has false"
    ])
  })

  it("reports a field that is rejected, changed or undocumented", () => {
    const { document, operation } = find("sending.emails.send")
    const refusing: AnyOperation = {
      ...operation,
      encode: (input) =>
        typeof input === "object" && input !== null && "cc" in input
          ? { ok: false, issues: [{ path: "cc", message: "is not a known field" }] }
          : operation.encode(input)
    }
    expect(requestProblems(document, [refusing], vocabulary).join("\n")).toContain(
      "EmailSendRequest.cc: a list of 1 is rejected: cc is not a known field"
    )
    const forgetful: AnyOperation = {
      ...operation,
      encode: (input) => {
        const coded = operation.encode(input)
        return coded.ok ? { ok: true, value: { ...Object(coded.value), subject: "another" } } : coded
      }
    }
    expect(requestProblems(document, [forgetful], vocabulary).join("\n")).toContain(
      'subject is sent as "another"'
    )
    const careless: AnyOperation = { ...operation, encode: (value) => ({ ok: true, value }) }
    const accepted = requestProblems(document, [careless], vocabulary, 1_000)
    for (const what of [
      "EmailSendRequest.subject: absence is accepted",
      "EmailSendRequest.subject: a text of 999 characters is accepted",
      "EmailSendRequest.attachments: a list of 11 is accepted",
      "EmailSendRequest.cc: null is accepted",
      "EmailSendRequest: an unknown field is accepted"
    ]) {
      expect(
        accepted.some((problem) => problem.startsWith(what)),
        what
      ).toBe(true)
    }
    expect(accepted).toContain("the SDK accepts the field folder_id, which the API does not document")
  })

  it("reports a documented value that the schema does not name", () => {
    const { document } = find("sending.emails.sendBatch")
    if (document.data === undefined) throw new Error("no data")
    const item = Schema.Struct({ status: OpenEnum(["queued"]) })
    expect(enumProblems(document.data, Schema.Struct({ results: Schema.Array(item) }))).toEqual([
      "BatchResultItem.status: the SDK does not name failed"
    ])
  })

  it("reports a response that is rejected or loses data", () => {
    const { document, operation } = find("sending.attachments.get")
    expect(responseProblems(document, [(value) => ({ ok: true, value })]).join("\n")).toContain(
      "AttachmentUploadData.expires_at: expected a DateTime"
    )
    const forgetful: Decode = (data) => {
      const coded = operation.decode(data)
      if (!coded.ok) return coded
      const { filename: _, ...rest } = Object(coded.value)
      return { ok: true, value: rest }
    }
    expect(responseProblems(document, [forgetful])).toContain(
      "AttachmentUploadData.filename is documented, and the SDK drops it"
    )
    const closed: Decode = (data) =>
      typeof data === "object" && data !== null && "field_of_tomorrow" in data
        ? { ok: false, issues: [{ path: "field_of_tomorrow", message: "is not a known field" }] }
        : operation.decode(data)
    expect(responseProblems(document, [closed]).join("\n")).toContain(
      "a response with unknown fields of AttachmentUploadData is rejected"
    )
  })
})

for (const surface of surfaces) {
  const service = await loadService(surface)
  const its = documents.filter((document) => document.surface === surface && operations.has(document.name))
  if (its.length === 0) continue
  describe(`contract of ${surface}`, () => {
    for (const document of its) {
      const built = operations.get(document.name) ?? []
      const forms = built.map(({ operation }) => operation)
      const where = built.map(({ file }) => file).join(", ")

      it(`defines ${document.name} as documented`, () => {
        expect(
          forms.flatMap((operation) => definitionProblems(document, operation)),
          where
        ).toEqual([])
      })

      const operation = forms[0]
      if (service !== undefined && operation !== undefined) {
        it.effect(`sends the documented request when ${document.name} is called`, () =>
          Effect.map(callProblems(document, operation, service), (problems) => {
            expect(problems, where).toEqual([])
          })
        )
      }

      it(`accepts the documented input of ${document.name} and rejects every other`, () => {
        expect(requestProblems(document, forms, vocabulary), where).toEqual([])
      })

      it(`names the documented response values of ${document.name}`, () => {
        const schemas =
          document.response === "events" ? [RealtimeEvent] : forms.flatMap(({ data }) => data ?? [])
        const { data } = document
        const problems = data === undefined ? [] : schemas.map((schema) => enumProblems(data, schema))
        expect(problems.find(({ length }) => length === 0) ?? problems[0] ?? [], where).toEqual([])
      })

      it(`decodes every documented response of ${document.name}`, () => {
        expect(responseProblems(document, decodersOf(document, forms)), where).toEqual([])
      })
    }
  })
}
