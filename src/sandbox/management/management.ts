/**
 * The Management module of the sandbox.
 */
import { connectionOperations } from "../../management/connection.js"
import { replyConnection } from "../http/connection.js"
import { type Route, route } from "../http/routes.js"
import { type DeliveryTransport, notifyWebhooks } from "../state/deliveries.js"
import type { World } from "../state/world.js"
import { billingRoutes } from "./billing.js"
import { domainRoutes } from "./domains.js"
import { logRoutes } from "./logs.js"
import { mailboxRoutes } from "./mailboxes/mailboxes.js"
import { providerRoutes } from "./providers/providers.js"
import { sendPolicyRoutes } from "./sendPolicies.js"
import { webhookRoutes } from "./webhooks.js"

/** The routes of the Management surface. */
export const managementModule = (world: World, transport: DeliveryTransport): ReadonlyArray<Route> => {
  notifyWebhooks(world, transport)
  return [
    route(connectionOperations.get, replyConnection),
    ...billingRoutes(world),
    ...domainRoutes(world),
    ...logRoutes(world),
    ...mailboxRoutes(world),
    ...providerRoutes(world),
    ...sendPolicyRoutes(world),
    ...webhookRoutes(world, transport)
  ]
}
