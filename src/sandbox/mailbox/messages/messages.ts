/**
 * Messages: lists, reads, updates, deletions and sending.
 */
import type { SendMessageInput } from "../../../mailbox/messages/inputs.js"
import { messageOperations } from "../../../mailbox/messages/operations.js"
import { reply } from "../../exchange.js"
import type { Route, SandboxCall } from "../../http/routes.js"
import { contentToSend } from "../mail/messageInput.js"
import { submit } from "../mail/submit.js"
import { type MailboxStores, mailboxRoute } from "../state/stores.js"
import { listRoutes, readRoutes } from "./reads.js"
import { writeRoutes } from "./writes.js"

export const messageRoutes = (stores: MailboxStores): ReadonlyArray<Route> => [
  ...listRoutes(stores),
  ...readRoutes(stores),
  ...writeRoutes(stores),
  mailboxRoute(stores, messageOperations.send, (call: SandboxCall<[], SendMessageInput>, store) => {
    const message = submit(stores, store, contentToSend(store, call.input, call.now), {
      now: call.now,
      idempotencyKey: call.request.headers["idempotency-key"]
    })
    return reply({ message_id: message.id, status: "queued" })
  })
]
