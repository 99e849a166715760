/**
 * The stores of all mailboxes, which mailbox a call is for, and the tasks that run at a certain time.
 */
import * as Effect from "effect/Effect"
import type { Operation, OperationFacts } from "../../../internal/operation/operation.js"
import { fail, type Handled } from "../../exchange.js"
import { type RawCall, type Route, route, type SandboxCall } from "../../http/routes.js"
import type { MailboxRecord } from "../../state/team.js"
import type { World } from "../../state/world.js"
import type { DraftRecord } from "./draftRecords.js"
import { recordQuotaChanges } from "./quotaUsage.js"
import { MailboxStore } from "./store.js"

/** A task of a draft that runs at a certain time, given in milliseconds since the epoch. */
export interface Task {
  readonly mailboxId: string
  /** A draft has one task at most. The task keeps the draft, also if the mailbox has dropped it since. */
  readonly draft: DraftRecord
  readonly at: number
  /** Whether the draft is prepared, sent as scheduled, or submitted after it was uncertain. */
  readonly kind: "prepare" | "send" | "submit"
  /** The version of the schedule for which a draft is sent. */
  readonly scheduleVersion?: number | undefined
}

interface PendingTask extends Task {
  readonly stopTimer: () => void
}

export class MailboxStores {
  private readonly stores = new Map<string, MailboxStore>()
  private readonly tasks = new Map<string, PendingTask>()
  /** Runs a task. The mailbox module sets it. */
  runTask: (task: Task) => void = () => undefined

  constructor(
    readonly world: World,
    private readonly runInBackground: (work: Effect.Effect<void>) => () => void
  ) {
    world.saved.add("mailboxStores", {
      snapshot: () => this.snapshotStores(),
      restore: (saved) => this.restoreStores(saved)
    })
    let restored: ReadonlyArray<Task> = []
    world.saved.add("tasks", {
      snapshot: () => Array.from(this.tasks.values(), ({ stopTimer: _, ...task }): Task => task),
      restore: (tasks: ReadonlyArray<Task>) => {
        restored = tasks
      },
      resume: () => {
        for (const task of restored) this.schedule(task)
        restored = []
      }
    })
  }

  private snapshotStores() {
    return [...this.stores].map(([mailboxId, store]) => ({ mailboxId, store: store.snapshot() }))
  }

  private restoreStores(saved: ReturnType<MailboxStores["snapshotStores"]>): void {
    this.stores.clear()
    for (const { mailboxId, store } of saved) this.byId(mailboxId)?.restore(store)
  }

  of(mailbox: MailboxRecord): MailboxStore {
    let store = this.stores.get(mailbox.id)
    if (store === undefined) {
      store = new MailboxStore(mailbox, this.world.id, this.world.server)
      this.stores.set(mailbox.id, store)
      recordQuotaChanges(store)
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

  /**
   * Schedules a task in place of the earlier task of its draft. If a call comes first when the task is due, the task runs
   * before that call.
   */
  schedule(task: Task): void {
    this.cancel(task.draft.id)
    const { maxEmails } = this.world.server
    if (this.tasks.size >= maxEmails) {
      fail("limit_exceeded", `The sandbox can have at most ${maxEmails} scheduled drafts`)
    }
    const { clock } = this.world
    const stopTimer = this.runInBackground(
      clock.sleepUntil(task.at).pipe(
        Effect.andThen(clock.now),
        Effect.map((at) => this.runDue(at))
      )
    )
    this.tasks.set(task.draft.id, { ...task, stopTimer })
  }

  /** Cancels the task of a draft. */
  cancel(draftId: string): void {
    this.tasks.get(draftId)?.stopTimer()
    this.tasks.delete(draftId)
  }

  /** Runs the tasks that are due, in the order of their times. */
  runDue(at: number): void {
    for (;;) {
      const [next] = [...this.tasks.values()].filter((task) => task.at <= at).sort((a, b) => a.at - b.at)
      if (next === undefined) return
      // The timer ends by itself: it may be the one that runs this.
      this.tasks.delete(next.draft.id)
      this.runTask(next)
      this.world.feed.publish({ kind: "draft", id: next.draft.id, mailbox: next.mailboxId })
    }
  }

  /** The store of the mailbox that a call is for. */
  open(call: RawCall): MailboxStore {
    this.runDue(call.now)
    const store = this.of(this.target(call))
    recordQuotaChanges(store)
    return store
  }

  /** The mailboxes that a caller can access. */
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
    const isAmbiguous = second !== undefined || call.actor.namesMailbox === true
    if (mailboxId === undefined && isAmbiguous) {
      return fail(
        "missing_parameter",
        "The credential can access several mailboxes. Set mailbox_id to the id of one of them",
        {
          param: "mailbox_id"
        }
      )
    }
    if (mailbox === undefined) {
      return call.actor.mailboxId === undefined
        ? fail("not_found", "There is no mailbox with this id", { param: "mailbox_id" })
        : fail("insufficient_permissions", "The key cannot access this mailbox", { param: "mailbox_id" })
    }
    return mailbox.status === "suspended"
      ? fail("insufficient_permissions", "The mailbox is suspended")
      : mailbox
  }
}

/** Makes a route for an operation on one mailbox. The handler receives the store of the mailbox. */
export const mailboxRoute = <Ids extends ReadonlyArray<string>, Input, Wire>(
  stores: MailboxStores,
  operation: Operation<Ids, Input, unknown, never, Wire> & OperationFacts,
  handle: (call: SandboxCall<Ids, Input>, store: MailboxStore) => Handled<NoInfer<Wire>>
): Route => route(operation, (call) => handle(call, stores.open(call)))
