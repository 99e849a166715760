/**
 * The Sending module of the sandbox.
 */
import { attachmentOperations } from "../../sending/attachments.js"
import { connectionOperations } from "../../sending/connection.js"
import { emailOperations } from "../../sending/emails/emails.js"
import { metaOperations } from "../../sending/meta.js"
import { replyConnection } from "../http/connection.js"
import { type Route, route } from "../http/routes.js"
import type { World } from "../state/world.js"
import { attachmentRoutes } from "./attachments.js"
import { emailRoutes } from "./emails.js"
import { FileStore } from "./files.js"

/** The routes of the Sending surface. */
export const sendingModule = (world: World): ReadonlyArray<Route> => {
  const files = new FileStore(world)
  return [
    ...attachmentRoutes(world, files),
    ...emailRoutes(files),
    route(connectionOperations.get, replyConnection),
    route(metaOperations.getOpenApiSpec, () => ({
      headers: { "cache-control": "public, max-age=300" },
      body: { kind: "document", data: openApiSpec() }
    }))
  ]
}

const openApiSpec = () => {
  const groups = [attachmentOperations, emailOperations, connectionOperations, metaOperations]
  const paths: Record<string, Record<string, unknown>> = {}
  for (const { group, http, method, path } of groups.flatMap((operations) => Object.values(operations))) {
    paths[path] = {
      ...paths[path],
      [http.toLowerCase()]: { operationId: `${group}.${method}`, responses: {} }
    }
  }
  return { openapi: "3.1.0", info: { title: "Sendmux sandbox, Sending", version: "1" }, paths }
}
