/**
 * Compares every operation this package has with the vendor's OpenAPI documents, where this machine has them beside
 * the repository.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { decoder, openLiteralsOf } from "../../src/internal/dialect/schema.js"
import { APIError } from "../../src/internal/model/errors.js"
import type { AnyOperation } from "../../src/internal/operation/operation.js"
import { OpenEnum } from "../../src/internal/schema/schema.js"
import { RealtimeEvent } from "../../src/mailbox/events/schemas.js"
import { decodeEvent } from "../../src/webhooks/decodeEvent.js"
import { callProblems, groupsOf, loadService } from "./calls.js"
import { discover } from "./discover.js"
import {
  type DocumentedOperation,
  documentedErrorCodes,
  documentedEvent,
  documentedEventTypes,
  documentedOperations,
  documentsAreHere,
  documentsFolder
} from "./documents.js"
import { enumProblems } from "./enums.js"
import { factProblems } from "./facts.js"
import { requestProblems, vocabularyOf } from "./requests.js"
import { type Decode, readingProblems, responseProblems } from "./responses.js"
import { largest, sample } from "./samples.js"

/** What reads the data of an answer; events are read by the schema of their stream. */
const decodersOf = (
  document: DocumentedOperation,
  forms: ReadonlyArray<AnyOperation>
): ReadonlyArray<Decode> =>
  document.response === "events"
    ? [decoder(RealtimeEvent)]
    : forms.filter(({ data }) => data !== undefined).map(({ decode }) => decode)

if (!documentsAreHere) {
  console.log(`contract: skipped, since the OpenAPI documents are not in ${documentsFolder}`)
  describe("contract", () => {
    it.skip("needs the OpenAPI documents", () => undefined)
  })
} else {
  const documents = documentedOperations()
  const vocabulary = vocabularyOf(documents)
  const { operations, failures } = await discover()
  const missing = documents.filter(({ name }) => !operations.has(name))
  const built = `${documents.length - missing.length} of ${documents.length} operations are built`
  console.log(
    `contract: ${built}${missing.length === 0 ? "" : `; not yet: ${missing.map(({ name }) => name).join(", ")}`}`
  )

  describe("contract", () => {
    it("reads every module of the surfaces", () => {
      expect(failures).toEqual([])
    })

    it("names every documented code of an error", () => {
      const names = openLiteralsOf(APIError.fields.code.ast) ?? []
      expect(documentedErrorCodes().filter((code) => !names.includes(code))).toEqual([])
    })

    it("finds no operation that no document has", () => {
      const names = new Set(documents.map(({ name }) => name))
      expect([...operations.keys()].filter((name) => !names.has(name))).toEqual([])
    })
  })

  describe("contract of webhooks", () => {
    const types = documentedEventTypes()

    it("has the documented types of event", () => {
      expect(types.length).toBeGreaterThan(0)
    })

    for (const type of types) {
      it(`${type} reads every documented delivery, as an event of its own`, () => {
        expect(readingProblems(documentedEvent(type), [(input) => decodeEvent(type, input)])).toEqual([])
        const coded = decodeEvent(type, sample(documentedEvent(type), largest))
        expect(coded.ok && coded.value.type).toBe(type)
      })
    }
  })

  describe("the comparison", () => {
    const find = (name: string) => {
      const document = documents.find((one) => one.name === name)
      const operation = operations.get(name)?.[0]?.operation
      if (document === undefined || operation === undefined) throw new Error(`no ${name}`)
      return { document, operation }
    }

    it("notices facts that differ", () => {
      const { document, operation } = find("sending.emails.send")
      const changed = {
        ...operation,
        path: "/emails",
        http: "PUT",
        success: [201],
        idempotencyKey: false
      } as const
      expect(factProblems(document, changed)).toEqual([
        "HTTP method: the document says POST, the SDK PUT",
        "path: the document says /emails/send, the SDK /emails",
        "statuses of success: the document says 200, the SDK 201",
        "takes Idempotency-Key: the document says true, the SDK false"
      ])
    })

    it("notices a field that is not taken, not sent, or made up", () => {
      const { document, operation } = find("sending.emails.send")
      const refusing: AnyOperation = {
        ...operation,
        encode: (input) =>
          typeof input === "object" && input !== null && "cc" in input
            ? { ok: false, issues: [{ path: "cc", message: "is not a known field" }] }
            : operation.encode(input)
      }
      expect(requestProblems(document, [refusing], vocabulary).join("\n")).toContain(
        "EmailSendRequest.cc: a list of 1 is refused: cc is not a known field"
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
      expect(accepted).toContain("folder_id is a field of the SDK's input, and the document has none")
    })

    it("notices a value that has no name", () => {
      const { document } = find("sending.emails.sendBatch")
      if (document.data === undefined) throw new Error("no data")
      const item = Schema.Struct({ status: OpenEnum(["queued"]) })
      expect(enumProblems(document.data, Schema.Struct({ results: Schema.Array(item) }))).toEqual([
        "BatchResultItem.status: the SDK does not name failed"
      ])
    })

    it("notices an answer that is refused or loses something", () => {
      const { document, operation } = find("sending.attachments.get")
      expect(responseProblems(document, [(value) => ({ ok: true, value })]).join("\n")).toContain(
        "AttachmentUploadData.expires_at: a DateTime is expected"
      )
      const forgetful: Decode = (data) => {
        const coded = operation.decode(data)
        if (!coded.ok) return coded
        const { filename: _, ...rest } = Object(coded.value)
        return { ok: true, value: rest }
      }
      expect(responseProblems(document, [forgetful])).toContain(
        "AttachmentUploadData.filename is documented, and the SDK does not know it"
      )
      const closed: Decode = (data) =>
        typeof data === "object" && data !== null && "field_of_tomorrow" in data
          ? { ok: false, issues: [{ path: "field_of_tomorrow", message: "is not a known field" }] }
          : operation.decode(data)
      expect(responseProblems(document, [closed]).join("\n")).toContain(
        "an answer with unknown fields of AttachmentUploadData is refused"
      )
    })
  })

  for (const surface of ["sending", "management", "mailbox"] as const) {
    const service = await loadService(surface)
    const groups =
      service === undefined ? new Set<string>() : await Effect.runPromise(groupsOf(surface, service))
    const its = documents.filter((document) => document.surface === surface && operations.has(document.name))
    if (its.length === 0) continue
    describe(`contract of ${surface}`, () => {
      it("offers every group that has operations", () => {
        const built = its.flatMap(({ name }) => operations.get(name) ?? [])
        const absent =
          service === undefined ? [] : built.filter(({ operation }) => !groups.has(operation.group))
        expect([...new Set(absent.map(({ operation }) => operation.group))]).toEqual([])
      })

      for (const document of its) {
        const built = operations.get(document.name) ?? []
        const forms = built.map(({ operation }) => operation)
        const where = built.map(({ file }) => file).join(", ")

        it(`${document.name} is what the document says`, () => {
          expect(
            forms.flatMap((operation) => factProblems(document, operation)),
            where
          ).toEqual([])
        })

        const operation = forms[0]
        if (service !== undefined && operation !== undefined && groups.has(operation.group)) {
          it.effect(`${document.name} is called by its name and sends what the document says`, () =>
            Effect.map(callProblems(document, operation, service), (problems) => {
              expect(problems, where).toEqual([])
            })
          )
        }

        it(`${document.name} takes the documented requests and no others`, () => {
          expect(requestProblems(document, forms, vocabulary), where).toEqual([])
        })

        it(`${document.name} names the documented values`, () => {
          const schemas =
            document.response === "events" ? [RealtimeEvent] : forms.flatMap(({ data }) => data ?? [])
          const { data } = document
          const problems = data === undefined ? [] : schemas.map((schema) => enumProblems(data, schema))
          expect(problems.find(({ length }) => length === 0) ?? problems[0] ?? [], where).toEqual([])
        })

        it(`${document.name} reads every documented answer`, () => {
          expect(responseProblems(document, decodersOf(document, forms)), where).toEqual([])
        })
      }
    })
  }
}
