import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { expect, it } from "vitest"
import { mailboxModule } from "../../src/sandbox/mailbox/mailbox.js"
import { MailboxStores } from "../../src/sandbox/mailbox/state/stores.js"
import { managementModule } from "../../src/sandbox/management/management.js"
import { authorityRoutes } from "../../src/sandbox/oauth/server.js"
import { sendingModule } from "../../src/sandbox/sending/sending.js"
import type { DeliveryTransport } from "../../src/sandbox/state/deliveries.js"
import { OperationName } from "../../src/sandbox/state/operationNames.js"
import { defaultLimits, makeWorld } from "../../src/sandbox/state/world.js"

it("the names of a fault are those of the routes of the sandbox", () => {
  const world = makeWorld(defaultLimits)
  const transport: DeliveryTransport = { run: () => () => {}, post: () => Effect.never }
  const routes = [
    ...sendingModule(world),
    ...managementModule(world, transport),
    ...mailboxModule(world, new MailboxStores(world, transport.run))
  ]
  const names = new Set([
    ...routes.map(({ operation }) => operation.name),
    ...authorityRoutes.map(({ name }) => name)
  ])
  expect([...names].filter((name) => !Schema.is(OperationName)(name))).toEqual([])
  expect(OperationName.literals.filter((name) => !names.has(name))).toEqual([])
})
