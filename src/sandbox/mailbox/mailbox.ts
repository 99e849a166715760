/**
 * The Mailbox module of the sandbox.
 */
import type { Route } from "../http/routes.js"
import type { World } from "../state/world.js"
import { attachmentRoutes } from "./attachments.js"
import { textRoutes } from "./attachmentText.js"
import { changesRoutes } from "./changes.js"
import { draftRoutes } from "./drafts.js"
import { eventRoutes } from "./events.js"
import { folderRoutes } from "./folders.js"
import { identityRoutes } from "./identities.js"
import { arrive } from "./mail/arrivals.js"
import { runTask } from "./mail/draftSending.js"
import { messageRoutes } from "./messages/messages.js"
import { quotaRoutes } from "./quotas.js"
import { sessionRoutes } from "./session.js"
import type { MailboxStores } from "./state/stores.js"
import { submissionRoutes } from "./submissions.js"
import { threadRoutes } from "./threads.js"

/** The routes of the Mailbox surface. */
export const mailboxModule = (world: World, stores: MailboxStores): ReadonlyArray<Route> => {
  world.store = (mail) => {
    const store = stores.byId(mail.mailboxId)
    return store === undefined ? undefined : arrive(store, mail)
  }
  stores.runTask = (task) => runTask(stores, task)
  world.listeners.advanced.push((at) => {
    stores.runDue(at)
    // A connection may be due to end.
    for (const store of stores.all()) store.events.bell.ring()
  })
  world.listeners.forgotten.push((mailboxId) => stores.byId(mailboxId)?.forget())
  return [
    ...attachmentRoutes(stores),
    ...changesRoutes(stores),
    ...draftRoutes(stores),
    ...eventRoutes(stores),
    ...folderRoutes(stores),
    ...identityRoutes(stores),
    ...messageRoutes(stores),
    ...quotaRoutes(stores),
    ...sessionRoutes(stores),
    ...submissionRoutes(stores),
    ...textRoutes(stores),
    ...threadRoutes(stores)
  ]
}
