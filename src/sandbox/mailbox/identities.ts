/**
 * The identity with which a mailbox sends.
 */
import { identityOperations } from "../../mailbox/identities.js"
import { senderChoicesOperations } from "../../mailbox/senderChoices.js"
import { reply, replyPage } from "../exchange.js"
import { pageOf } from "../http/pages.js"
import type { Route } from "../http/routes.js"
import type { MailboxStore } from "./state/store.js"
import { type MailboxStores, mailboxRoute } from "./state/stores.js"

const showIdentity = ({ identity, mailbox }: MailboxStore) => ({
  id: identity.id,
  email: mailbox.email,
  name: identity.name,
  reply_to: [],
  bcc: [],
  text_signature: identity.textSignature,
  html_signature: identity.htmlSignature,
  may_delete: false
})

export const identityRoutes = (stores: MailboxStores): ReadonlyArray<Route> => [
  mailboxRoute(stores, identityOperations.list, (call, store) =>
    replyPage(
      pageOf([store], call.input ?? {}, { idOf: ({ identity }) => identity.id, show: showIdentity }),
      {
        meta: { identity_state: store.logs.identities.state }
      }
    )
  ),
  mailboxRoute(stores, identityOperations.getDefault, (_, store) => reply(showIdentity(store))),
  mailboxRoute(stores, identityOperations.updateDefault, (call, store) => {
    const { identity } = store
    const before = JSON.stringify(identity)
    const { html_signature, name, text_signature } = call.input
    // Null clears a field. A field that the input omits stays as it is.
    if (name !== undefined) identity.name = name ?? ""
    if (text_signature !== undefined) identity.textSignature = text_signature ?? ""
    if (html_signature !== undefined) identity.htmlSignature = html_signature ?? ""
    if (JSON.stringify(identity) !== before) store.logs.identities.record(identity.id, "updated")
    return reply(showIdentity(store))
  }),
  mailboxRoute(stores, senderChoicesOperations.get, (_, { mailbox }) => {
    const choices = { addresses: [mailbox.email], domains: [] }
    return reply({
      origin_address: mailbox.email,
      from: choices,
      reply_to: { addresses: [], domains: ["*"] }
    })
  })
]
