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
import { ChangeFeed } from "./state/feed.js"
import type { SavedData } from "./state/saved.js"
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
  // Last, because making the modules and restoring the mailboxes takes ids.
  world.saved.add("ids", world.id)
  world.saved.add("controlIds", world.controlId)
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

export interface RestoreOptions {
  /**
   * Whether the sandbox may have changed after the snapshot was taken. Ids that it may have made since then are left out, and
   * clients that synchronize a mailbox are told to fetch everything again.
   */
  readonly mayBeOutdated?: boolean | undefined
}

/** What keeps the state of a sandbox beyond its process. Rate limits and faults are not a part of it: they are its options. */
export interface SandboxState {
  /** Returns the state. The data has to be copied before other code runs, by the structured clone algorithm for example. */
  readonly snapshot: () => SavedData
  /** Replaces the state. Throws an `Error`, and changes nothing, if the data is not the state of this version of the sandbox. */
  readonly restore: (data: SavedData, options?: RestoreOptions) => void
  /** Calls a listener with each change, until the returned function is called. */
  readonly onChange: (listener: () => void) => () => void
}

/** The lives of a sandbox, one after the other. */
export interface Lives extends InstanceRef {
  /** Returns to the state at the start. */
  readonly reset: () => void
  readonly state: SandboxState
}

/** The number of changes that a mailbox may have had after an outdated snapshot. */
const maxUnknownChanges = 1_000_000

/** Leaves out what a sandbox may have issued after an outdated snapshot. */
const skipIssued = ({ stores, world }: Instance): void => {
  for (const ids of [world.id, world.controlId, world.authority.id]) ids.skip()
  for (const store of stores.all()) store.forget(maxUnknownChanges)
}

/** Starts the first life of a sandbox. The feed of changes is the same in all lives. */
export const makeLives = (newWorld: () => World, transport: DeliveryTransport, feed: ChangeFeed): Lives => {
  let current = makeInstance(newWorld(), transport)
  const replace = (next: Instance): void => {
    current.stop()
    // Late changes of the earlier life are not published.
    current.world.feed = new ChangeFeed()
    current = next
    feed.publish({ kind: "reset" })
  }
  return {
    get current() {
      return current
    },
    reset: () => replace(makeInstance(newWorld(), transport)),
    state: {
      snapshot: () => current.world.saved.snapshot(),
      restore: (data, { mayBeOutdated = false } = {}) => {
        const next = makeInstance(newWorld(), transport)
        next.world.saved.restore(data)
        if (mayBeOutdated) skipIssued(next)
        replace(next)
        next.world.saved.resume()
      },
      onChange: (listener) => feed.subscribe(listener)
    }
  }
}
