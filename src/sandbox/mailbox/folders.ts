/**
 * Folders: five that are always there, and those of one's own.
 */
import { folderOperations } from "../../mailbox/folders.js"
import { refuse, refuseField, reply, replyPage } from "../exchange.js"
import { pageOf } from "../http/pages.js"
import { checkIfMatch, type Route } from "../http/routes.js"
import { showFolder } from "./mail/views.js"
import type { FolderRecord } from "./state/records.js"
import type { MailboxStore } from "./state/store.js"
import { type MailboxStores, mailboxRoute } from "./state/stores.js"

const firstOwnOrder = 10

export const folderRoutes = (stores: MailboxStores): ReadonlyArray<Route> => {
  const operations = folderOperations

  const parentOf = (store: MailboxStore, id: string | null | undefined): string | null => {
    if (id === null || id === undefined) return null
    return store.folders.has(id)
      ? id
      : refuseField("parent_id", "is not a folder of this mailbox", "not_found")
  }

  /** Refuses a name that stands in the same place already. */
  const checkName = (store: MailboxStore, name: string, parentId: string | null, self?: FolderRecord) => {
    const taken = [...store.folders.values()].some(
      (folder) =>
        folder !== self &&
        folder.parentId === parentId &&
        folder.name.toLowerCase() === name.trim().toLowerCase()
    )
    if (taken) refuse("conflict", "A folder of this name is there already", { param: "name" })
  }

  const checkCircle = (store: MailboxStore, folder: FolderRecord, parentId: string | null) => {
    for (let id = parentId; id !== null; id = store.folders.get(id)?.parentId ?? null) {
      if (id === folder.id) refuseField("parent_id", "is the folder itself, or lies in it")
    }
  }

  return [
    mailboxRoute(stores, operations.list, (call, store) =>
      replyPage(
        pageOf(store.sortedFolders(), call.input ?? {}, {
          idOf: ({ id }) => id,
          show: (folder) => showFolder(store, folder)
        })
      )
    ),
    mailboxRoute(stores, operations.create, (call, store) => {
      const { name, parent_id, sort_order = firstOwnOrder } = call.input
      const parentId = parentOf(store, parent_id)
      checkName(store, name, parentId)
      const folder: FolderRecord = { id: store.id("fld"), name, role: null, parentId, sortOrder: sort_order }
      store.folders.set(folder.id, folder)
      store.logs.folders.note(folder.id, "created")
      return reply(showFolder(store, folder))
    }),
    mailboxRoute(stores, operations.get, (call, store) =>
      reply(showFolder(store, store.folder(call.ids[0])))
    ),
    mailboxRoute(stores, operations.update, (call, store) => {
      const folder = store.folder(call.ids[0])
      checkIfMatch(call, showFolder(store, folder))
      const { name = folder.name, parent_id = folder.parentId, sort_order = folder.sortOrder } = call.input
      const parentId = parentOf(store, parent_id)
      if (folder.role !== null && (name !== folder.name || parentId !== folder.parentId)) {
        return refuse("conflict", "A built-in folder keeps its name and its place")
      }
      checkCircle(store, folder, parentId)
      checkName(store, name, parentId, folder)
      const changed = name !== folder.name || parentId !== folder.parentId || sort_order !== folder.sortOrder
      Object.assign(folder, { name, parentId, sortOrder: sort_order })
      if (changed) store.logs.folders.note(folder.id, "updated")
      return reply(showFolder(store, folder))
    }),
    mailboxRoute(stores, operations.delete, (call, store) => {
      const folder = store.folder(call.ids[0])
      checkIfMatch(call, showFolder(store, folder))
      if (folder.role !== null) return refuse("conflict", "A built-in folder cannot be deleted")
      const inUse =
        store.messagesIn(folder.id).length > 0 ||
        [...store.folders.values()].some(({ parentId }) => parentId === folder.id)
      if (inUse) return refuse("conflict", "The folder is not empty")
      store.folders.delete(folder.id)
      store.logs.folders.note(folder.id, "destroyed")
      return reply({ deleted: true, id: folder.id })
    }),
    mailboxRoute(stores, operations.changes, (call, store) =>
      reply(store.logs.folders.since(call.input?.since_state, call.input?.limit))
    ),
    mailboxRoute(stores, operations.queryChanges, (call, store) =>
      reply(
        store.queryStates.changes(
          store.sortedFolders().map(({ id }) => id),
          { bound: ["folders"], since: call.input?.since_query_state, limit: call.input?.limit }
        )
      )
    )
  ]
}
