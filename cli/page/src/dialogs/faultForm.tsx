/**
 * The form that injects a fault.
 */
import { useState } from "preact/hooks"
import { send } from "../api.js"
import { faultKinds, type FaultTag } from "../faultKinds.js"
import { noteOwnChange, useRead } from "../live.js"
import { Field, Problem, useAction } from "../ui.js"

/** A number in a field, or `undefined` if the field is empty. */
const numberOf = (text: string): number | undefined => (text.trim() === "" ? undefined : Number(text))

interface Numbers {
  readonly status: string
  readonly retryAfter: string
  readonly millis: string
}

const kindOf = (tag: FaultTag, { millis, retryAfter, status }: Numbers) => {
  switch (tag) {
    case "ErrorResponse":
      return { _tag: tag, status: numberOf(status) ?? 500, retryAfter: numberOf(retryAfter) }
    case "RateLimited":
      return { _tag: tag, retryAfter: numberOf(retryAfter) }
    case "Slow":
      return { _tag: tag, millis: numberOf(millis) ?? 0 }
    default:
      return { _tag: tag }
  }
}

export const FaultForm = ({ onDone }: { readonly onDone: (text: string) => void }) => {
  const { data } = useRead<{ readonly operations: ReadonlyArray<string> }>("/operations", [])
  const [operation, setOperation] = useState("")
  const [tag, setTag] = useState<FaultTag>("ErrorResponse")
  const [numbers, setNumbers] = useState<Numbers>({ status: "503", retryAfter: "", millis: "3000" })
  const [times, setTimes] = useState("1")
  const [percent, setPercent] = useState("")
  const { error, isRunning, run } = useAction()
  const set = (name: keyof Numbers) => (event: { readonly currentTarget: HTMLInputElement }) =>
    setNumbers({ ...numbers, [name]: event.currentTarget.value })
  const inject = () =>
    run(async () => {
      const probability = numberOf(percent)
      await send("POST", "/faults", {
        ...(operation === "" ? {} : { operation }),
        ...(times === "" ? {} : { times: Number(times) }),
        ...(probability === undefined ? {} : { probability: probability / 100 }),
        kind: kindOf(tag, numbers)
      })
      noteOwnChange("fault")
      onDone(`The fault applies to the next call of ${operation === "" ? "any operation" : operation}.`)
    })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        inject()
      }}
    >
      <Field label="Operation">
        {(id) => (
          <select id={id} value={operation} onChange={(event) => setOperation(event.currentTarget.value)}>
            <option value="">Any operation</option>
            <Operations names={data?.operations ?? []} />
          </select>
        )}
      </Field>
      <Field label="Fault" hint={faultKinds.find(([kind]) => kind === tag)?.[2] ?? ""}>
        {(id) => (
          <select id={id} value={tag} onChange={(event) => setTag(event.currentTarget.value as FaultTag)}>
            {faultKinds.map(([kind, label]) => (
              <option key={kind} value={kind}>
                {label}
              </option>
            ))}
          </select>
        )}
      </Field>
      <div class="fields">
        {tag === "ErrorResponse" ? (
          <Field label="Status">
            {(id) => (
              <input
                id={id}
                type="number"
                min={400}
                max={599}
                required
                value={numbers.status}
                onInput={set("status")}
              />
            )}
          </Field>
        ) : null}
        {tag === "ErrorResponse" || tag === "RateLimited" ? (
          <Field label="Retry-After (seconds)">
            {(id) => (
              <input id={id} type="number" min={0} value={numbers.retryAfter} onInput={set("retryAfter")} />
            )}
          </Field>
        ) : null}
        {tag === "Slow" ? (
          <Field label="Delay (milliseconds)">
            {(id) => (
              <input id={id} type="number" min={0} required value={numbers.millis} onInput={set("millis")} />
            )}
          </Field>
        ) : null}
        <Field
          label="Number of calls"
          hint="Empty: without limit if there is a probability, and one call otherwise."
        >
          {(id) => (
            <input
              id={id}
              type="number"
              min={1}
              value={times}
              onInput={(event) => setTimes(event.currentTarget.value)}
            />
          )}
        </Field>
        <Field label="Probability (%)" hint="Empty: every call.">
          {(id) => (
            <input
              id={id}
              type="number"
              min={1}
              max={100}
              value={percent}
              onInput={(event) => setPercent(event.currentTarget.value)}
            />
          )}
        </Field>
      </div>
      {error === undefined ? null : <Problem message={error} />}
      <footer>
        <button type="submit" class="primary" disabled={isRunning}>
          Inject fault
        </button>
      </footer>
    </form>
  )
}

/** The operations, grouped by their surface. */
const Operations = ({ names }: { readonly names: ReadonlyArray<string> }) => (
  <>
    {["sending", "mailbox", "management"].map((surface) => (
      <optgroup key={surface} label={surface}>
        {names
          .filter((name) => name.startsWith(`${surface}.`))
          .map((name) => (
            <option key={name}>{name}</option>
          ))}
      </optgroup>
    ))}
  </>
)
