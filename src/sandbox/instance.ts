/**
 * One life of a sandbox, from its start or its last reset: the state, and the modules that work on it.
 */
import * as Effect from "effect/Effect"
import { type Server, serve } from "./http/server.js"
import { mailboxModule } from "./mailbox/mailbox.js"
import { MailboxStores } from "./mailbox/state/stores.js"
import { managementModule } from "./management/management.js"
import { serveAuthority } from "./oauth/server.js"
import { sendingModule } from "./sending/sending.js"
import type { DeliveryTransport } from "./state/deliveries.js"
import type { World } from "./state/world.js"

export interface Instance {
  readonly world: World
  readonly stores: MailboxStores
  readonly api: Server
  /** Cancels scheduled drafts and webhook deliveries, and ends the event streams of the mailboxes. */
  readonly stop: () => void
}

/** The instance that serves requests now. A reset replaces it. */
export interface InstanceRef {
  readonly current: Instance
}

type Run = DeliveryTransport["run"]

/** Makes a runner whose effects can all be interrupted at once. */
const stoppable = (run: Run): { readonly run: Run; readonly stopAll: () => void } => {
  const stops = new Set<() => void>()
  return {
    run: (work) => {
      let ended = false
      // The work may end before its runner has returned.
      let stop = (): void => undefined
      const noteEnd = Effect.sync(() => {
        ended = true
        stops.delete(stop)
      })
      stop = run(Effect.onExit(work, () => noteEnd))
      if (!ended) stops.add(stop)
      return stop
    },
    stopAll: () => {
      for (const stop of [...stops]) stop()
    }
  }
}

export const makeInstance = (world: World, transport: DeliveryTransport): Instance => {
  const { run, stopAll } = stoppable(transport.run)
  const ownTransport: DeliveryTransport = { ...transport, run }
  const stores = new MailboxStores(world, run)
  const routes = [
    ...sendingModule(world),
    ...managementModule(world, ownTransport),
    ...mailboxModule(world, stores)
  ]
  const api = serve(world, routes)
  const authority = serveAuthority(world)
  return {
    world,
    stores,
    api: (request) => authority(request) ?? api(request),
    stop: () => {
      stopAll()
      for (const store of stores.all()) store.events.end()
    }
  }
}
