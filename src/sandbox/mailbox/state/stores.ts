/**
 * The stores of every mailbox of the sandbox, which one a call is about, and what is due by the clock.
 */
import * as Effect from "effect/Effect"
import { now } from "../../../internal/dialect/core.js"
import type { Operation, OperationFacts } from "../../../internal/operation/operation.js"
import { type Handled, refuse } from "../../exchange.js"
import { type Call, type RawCall, type Route, route } from "../../http/routes.js"
import type { MailboxRecord } from "../../state/team.js"
import type { World } from "../../state/world.js"
import { noteQuotas } from "./quotaRecords.js"
import { MailboxStore } from "./store.js"

/** Something that happens at a time. */
interface Due {
  readonly at: number
  readonly happen: (now: number) => void
}

export class MailboxStores {
  private readonly stores = new Map<string, MailboxStore>()
  private readonly agenda: Array<Due> = []

  constructor(
    readonly world: World,
    private readonly run: (work: Effect.Effect<void>) => void
  ) {}

  of(mailbox: MailboxRecord): MailboxStore {
    let store = this.stores.get(mailbox.id)
    if (store === undefined) {
      store = new MailboxStore(mailbox, this.world.id)
      this.stores.set(mailbox.id, store)
      noteQuotas(store)
    }
    return store
  }

  byId(id: string): MailboxStore | undefined {
    const mailbox = this.world.team.mailboxes.get(id)
    return mailbox === undefined ? undefined : this.of(mailbox)
  }

  all(): ReadonlyArray<MailboxStore> {
    return [...this.stores.values()]
  }

  /** Lets something happen at a time: by itself, and at the latest before the next call is answered. */
  plan(due: Due, from: number): void {
    this.agenda.push(due)
    this.run(
      Effect.flatMap(Effect.sleep(Math.max(0, due.at - from)), () =>
        Effect.map(now, (at) => {
          this.settle(at)
        })
      )
    )
  }

  /** Lets happen what is due. */
  settle(at: number): void {
    for (;;) {
      const [next] = this.agenda.filter((due) => due.at <= at).sort((a, b) => a.at - b.at)
      if (next === undefined) return
      this.agenda.splice(this.agenda.indexOf(next), 1)
      next.happen(next.at)
    }
  }

  /** The mailbox that a call is about. */
  open(call: RawCall): MailboxStore {
    this.settle(call.now)
    const store = this.of(this.target(call))
    noteQuotas(store)
    return store
  }

  /** The mailboxes that a caller reaches. */
  granted({ actor }: Pick<RawCall, "actor">): ReadonlyArray<MailboxRecord> {
    return [...this.world.team.mailboxes.values()].filter(
      ({ id, status }) => status !== "deleted" && (actor.mailboxId === undefined || actor.mailboxId === id)
    )
  }

  private target(call: RawCall): MailboxRecord {
    const granted = this.granted(call)
    const [first, second] = granted
    const { mailboxId } = call
    const mailbox = mailboxId === undefined ? first : granted.find(({ id }) => id === mailboxId)
    if (mailboxId === undefined && second !== undefined) {
      return refuse("missing_parameter", "The key reaches several mailboxes: say which by mailbox_id", {
        param: "mailbox_id"
      })
    }
    if (mailbox === undefined) {
      return call.actor.mailboxId === undefined
        ? refuse("not_found", "There is no such mailbox", { param: "mailbox_id" })
        : refuse("insufficient_permissions", "The key does not reach this mailbox", { param: "mailbox_id" })
    }
    return mailbox.status === "suspended"
      ? refuse("insufficient_permissions", "The mailbox is suspended")
      : mailbox
  }
}

/** What the sandbox does for an operation on one mailbox. */
export const mailboxRoute = <Ids extends ReadonlyArray<string>, Input, Wire>(
  stores: MailboxStores,
  operation: Operation<Ids, Input, unknown, never, Wire> & OperationFacts,
  handle: (call: Call<Ids, Input>, store: MailboxStore) => Handled<NoInfer<Wire>>
): Route => route(operation, (call) => handle(call, stores.open(call)))
