/**
 * The routes of the control that show the state of the sandbox. They change nothing.
 */
import * as Effect from "effect/Effect"
import type { LocalResponse } from "../../../internal/dialect/shared/localClient.js"
import { ApiFailure } from "../../exchange.js"
import type { Instance } from "../../instance.js"
import { operationNames } from "../../state/operationNames.js"
import { type ControlCall, type ControlRoute, okResponse } from "../dispatch.js"
import { inspectedOf, inspectionHeaders, partResponse } from "./content.js"
import {
  listDeliveries,
  listDomains,
  listLogs,
  listMailboxes,
  listRequests,
  listSent,
  listStored,
  listWebhooks,
  queryOf,
  sentEmail,
  showRequest,
  showSent,
  showStored,
  storedMessage
} from "./lists.js"

/** What a handler receives: the state, the parameters of the path, the URL, and the time of the sandbox. */
interface Inspection {
  readonly state: Instance
  readonly params: ReadonlyArray<string>
  readonly url: URL
  /** Milliseconds since the epoch. */
  readonly now: number
}

const get = (pattern: string, respond: (inspection: Inspection) => LocalResponse): ControlRoute => ({
  method: "GET",
  pattern,
  handle: ({ params, request, sandbox }: ControlCall) =>
    Effect.flatMap(sandbox.current.world.clock.now, (now) =>
      Effect.try({
        try: () => respond({ state: sandbox.current, params, url: request.url, now }),
        catch: (thrown) => {
          if (thrown instanceof ApiFailure) return thrown
          throw thrown
        }
      })
    )
})

/** A route that responds with the fields of a JSON object. */
const show = (pattern: string, fieldsOf: (inspection: Inspection) => object): ControlRoute =>
  get(pattern, (inspection) => {
    const response = okResponse({ ...fieldsOf(inspection) })
    return { ...response, headers: { ...response.headers, ...inspectionHeaders } }
  })

const sent = ({ params: [id = ""], state }: Inspection) => inspectedOf(sentEmail(state, id))

const stored = ({ params: [mailboxId = "", id = ""], state }: Inspection) =>
  storedMessage(state, mailboxId, id)

/** The routes of the parts of a message. */
const partRoutes = (pattern: string, messageOf: (inspection: Inspection) => ReturnType<typeof sent>) => [
  ...["html", "text", "raw"].map((part) =>
    get(`${pattern}/${part}`, (inspection) =>
      partResponse(messageOf(inspection), part, undefined, inspection.url)
    )
  ),
  get(`${pattern}/attachments/{n}`, (inspection) =>
    partResponse(messageOf(inspection), "attachments", inspection.params.at(-1), inspection.url)
  )
]

export const inspectionRoutes: ReadonlyArray<ControlRoute> = [
  show("/recent/emails", ({ state, url }) => listSent(state, queryOf(url))),
  show("/recent/requests", ({ state, url }) => listRequests(state, queryOf(url))),
  show("/outbox/{id}", ({ params: [id = ""], state }) => ({ email: showSent(state, sentEmail(state, id)) })),
  ...partRoutes("/outbox/{id}", sent),
  show("/mailboxes", ({ state }) => listMailboxes(state)),
  show("/mailboxes/{mailbox}/messages", ({ params: [mailboxId = ""], state, url }) =>
    listStored(state, mailboxId, queryOf(url))
  ),
  show("/mailboxes/{mailbox}/messages/{id}", ({ params: [mailboxId = "", id = ""], state }) => ({
    message: showStored(state, mailboxId, id)
  })),
  ...partRoutes("/mailboxes/{mailbox}/messages/{id}", stored),
  show("/logs", ({ state, url }) => listLogs(state, queryOf(url))),
  show("/webhooks", ({ state }) => listWebhooks(state)),
  show("/webhooks/{id}/deliveries", ({ params: [id = ""], state, url }) =>
    listDeliveries(state, id, queryOf(url))
  ),
  show("/requests/{id}", ({ params: [id = ""], state }) => ({ request: showRequest(state, id) })),
  show("/domains", ({ now, state }) => listDomains(state, now)),
  show("/operations", () => ({ operations: operationNames }))
]
