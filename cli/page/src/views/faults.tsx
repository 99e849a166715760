import { send } from "../api.js"
import { FaultForm } from "../dialogs/faultForm.js"
import { count } from "../format.js"
import { noteOwnChange, useRead } from "../live.js"
import { Badge, Empty, Problem, useAction } from "../ui.js"

/** A fault as the control lists it. */
interface ShownFault {
  readonly id: string
  readonly operation?: string | null
  readonly kind: { readonly _tag: string } & Readonly<Record<string, unknown>>
  readonly probability?: number | null
  readonly times?: number | null
  readonly hits: number
}

/** The number of calls that a fault still applies to, or `undefined` if it applies without limit. */
const remainingOf = ({ hits, probability, times }: ShownFault): number | undefined => {
  if (typeof times === "number") return times - hits
  return typeof probability === "number" ? undefined : 1 - hits
}

export const FaultsView = ({ notify }: { readonly notify: (text: string) => void }) => {
  const { data, error } = useRead<{ readonly faults: ReadonlyArray<ShownFault> }>("/faults", [
    "fault",
    "response"
  ])
  const action = useAction()
  const remove = (path: string, text: string) =>
    action.run(async () => {
      await send("DELETE", path)
      noteOwnChange("fault")
      notify(text)
    })
  const faults = data?.faults ?? []
  return (
    <div class="page scroll">
      <section aria-label="Pending faults">
        <header>
          <h1>Faults {data === undefined ? null : <span class="count">{faults.length}</span>}</h1>
          {faults.length === 0 ? null : (
            <button type="button" onClick={() => remove("/faults", "All faults were removed.")}>
              Remove all
            </button>
          )}
        </header>
        {error === undefined ? null : <Problem message={error} />}
        {action.error === undefined ? null : <Problem message={action.error} />}
        {data !== undefined && faults.length === 0 ? (
          <Empty icon="faults" title="No fault is pending">
            <p>
              A fault makes the next calls fail, break or respond late, so that you see what your program does
              then.
            </p>
          </Empty>
        ) : (
          <ul class="faults">
            {faults.map((fault) => (
              <li key={fault.id}>
                <FaultText fault={fault} />
                <button
                  type="button"
                  onClick={() => remove(`/faults/${encodeURIComponent(fault.id)}`, "The fault was removed.")}
                >
                  Remove<span class="hidden"> fault {fault.id}</span>
                </button>
              </li>
            ))}
          </ul>
        )}
      </section>
      <section class="card" aria-label="Inject a fault">
        <h2>Inject a fault</h2>
        <FaultForm onDone={notify} />
      </section>
    </div>
  )
}

const details = (kind: ShownFault["kind"]): string =>
  Object.entries(kind)
    .filter(([name, value]) => name !== "_tag" && value !== undefined && value !== null)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(", ")

const FaultText = ({ fault }: { readonly fault: ShownFault }) => {
  const remaining = remainingOf(fault)
  return (
    <div>
      <span class="line">
        <strong>{fault.kind._tag}</strong>
        {fault.hits === 0 ? (
          <Badge>not applied yet</Badge>
        ) : (
          <Badge tone="info">{count(fault.hits, "hit")}</Badge>
        )}
      </span>
      <span class="preview">
        {[
          fault.operation ?? "any operation",
          details(fault.kind),
          remaining === undefined ? "without limit" : `${count(remaining, "call")} left`,
          typeof fault.probability === "number"
            ? `with a probability of ${Math.round(fault.probability * 100)} %`
            : "",
          fault.id
        ]
          .filter((part) => part !== "")
          .join(", ")}
      </span>
    </div>
  )
}
