/**
 * Folders: five built-in folders, and the folders that callers create.
 */
import { folderOperations } from "../../mailbox/folders.js"
import { fail, failField, reply, replyPage } from "../exchange.js"
import { pageOf } from "../http/pages.js"
import { checkIfMatch, type Route } from "../http/routes.js"
import { showFolder } from "./mail/views.js"
import type { FolderRecord } from "./state/records.js"
import type { MailboxStore } from "./state/store.js"
import { type MailboxStores, mailboxRoute } from "./state/stores.js"

const defaultSortOrder = 10
const maxFolders = 1000

export const folderRoutes = (stores: MailboxStores): ReadonlyArray<Route> => {
  const operations = folderOperations

  const parentOf = (store: MailboxStore, id: string | null | undefined): string | null => {
    if (id === null || id === undefined) return null
    return store.folders.has(id) ? id : failField("parent_id", "is not a folder of this mailbox", "not_found")
  }

  /** Fails if the parent has another folder with this name. */
  const checkName = (store: MailboxStore, name: string, parentId: string | null, self?: FolderRecord) => {
    const taken = [...store.folders.values()].some(
      (folder) =>
        folder !== self &&
        folder.parentId === parentId &&
        folder.name.toLowerCase() === name.trim().toLowerCase()
    )
    if (taken) fail("conflict", "A folder with this name already exists", { param: "name" })
  }

  const checkCycle = (store: MailboxStore, folder: FolderRecord, parentId: string | null) => {
    for (let id = parentId; id !== null; id = store.folders.get(id)?.parentId ?? null) {
      if (id === folder.id) failField("parent_id", "must not be the folder itself or one of its subfolders")
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
      const { name, parent_id, sort_order = defaultSortOrder } = call.input
      const parentId = parentOf(store, parent_id)
      checkName(store, name, parentId)
      if (store.folders.size >= maxFolders) {
        return fail("limit_exceeded", `A mailbox can have at most ${maxFolders} folders`)
      }
      const folder: FolderRecord = { id: store.id("fld"), name, role: null, parentId, sortOrder: sort_order }
      store.folders.set(folder.id, folder)
      store.logs.folders.record(folder.id, "created")
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
        return fail("conflict", "A built-in folder cannot be renamed or moved")
      }
      checkCycle(store, folder, parentId)
      checkName(store, name, parentId, folder)
      const changed = name !== folder.name || parentId !== folder.parentId || sort_order !== folder.sortOrder
      Object.assign(folder, { name, parentId, sortOrder: sort_order })
      if (changed) store.logs.folders.record(folder.id, "updated")
      return reply(showFolder(store, folder))
    }),
    mailboxRoute(stores, operations.delete, (call, store) => {
      const folder = store.folder(call.ids[0])
      checkIfMatch(call, showFolder(store, folder))
      if (folder.role !== null) return fail("conflict", "A built-in folder cannot be deleted")
      const inUse =
        store.messagesIn(folder.id).length > 0 ||
        [...store.folders.values()].some(({ parentId }) => parentId === folder.id)
      if (inUse) return fail("conflict", "The folder is not empty")
      store.folders.delete(folder.id)
      store.logs.folders.record(folder.id, "destroyed")
      return reply({ deleted: true, id: folder.id })
    }),
    mailboxRoute(stores, operations.changes, (call, store) =>
      reply(store.logs.folders.since(call.input?.since_state, call.input?.limit))
    ),
    mailboxRoute(stores, operations.queryChanges, (call, store) =>
      reply(
        store.queryStates.changes(
          store.sortedFolders().map(({ id }) => id),
          { query: ["folders"], since: call.input?.since_query_state, limit: call.input?.limit }
        )
      )
    )
  ]
}
