/**
 * The Management room: the team, stateful, with true cursors, ETags and conflicts.
 */
import { connectionOperations } from "../../management/connection.js"
import { replyConnection } from "../http/connection.js"
import { type Route, route } from "../http/routes.js"
import { type Outlet, tellWebhooks } from "../state/deliveries.js"
import type { World } from "../state/world.js"
import { billingRoutes } from "./billing.js"
import { domainRoutes } from "./domains.js"
import { logRoutes } from "./logs.js"
import { mailboxRoutes } from "./mailboxes.js"
import { providerRoutes } from "./providers/providers.js"
import { sendPolicyRoutes } from "./sendPolicies.js"
import { webhookRoutes } from "./webhooks.js"

export const managementRoom = (world: World, outlet: Outlet): ReadonlyArray<Route> => {
  tellWebhooks(world, outlet)
  return [
    route(connectionOperations.get, replyConnection),
    ...billingRoutes(world),
    ...domainRoutes(world),
    ...logRoutes(world),
    ...mailboxRoutes(world),
    ...providerRoutes(world),
    ...sendPolicyRoutes(world),
    ...webhookRoutes(world, outlet)
  ]
}
