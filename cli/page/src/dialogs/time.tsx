/**
 * The dialog that moves the time of the sandbox forward.
 */
import { useState } from "preact/hooks"
import { send } from "../api.js"
import { longTime } from "../format.js"
import { useRead } from "../live.js"
import { Dialog, Field, Problem, useAction } from "../ui.js"
import type { DialogProps } from "./fault.js"

const minute = 60_000

const presets = [
  ["1 minute", minute],
  ["15 minutes", 15 * minute],
  ["1 hour", 60 * minute],
  ["1 day", 1440 * minute],
  ["7 days", 10_080 * minute]
] as const

export const TimeDialog = ({ onClose, onDone }: DialogProps) => {
  const { data } = useRead<{ readonly now: string }>("/clock", ["clock"])
  const [minutes, setMinutes] = useState("10")
  const { error, isRunning, run } = useAction()
  const advance = (millis: number, label: string) =>
    run(async () => {
      await send("POST", "/clock", { advance_ms: millis })
      onDone(`The sandbox is ${label} ahead of before. What became due has run.`)
    })
  return (
    <Dialog title="Advance the time" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          advance(Math.round(Number(minutes) * minute), `${minutes} minutes`)
        }}
      >
        <p>
          Scheduled drafts, webhook retries, rate limits, idempotency keys and upload grants see the new time
          at once.
          {data === undefined ? null : (
            <>
              {" "}
              It is now <strong>{longTime(data.now)}</strong> in the sandbox.
            </>
          )}
        </p>
        <div class="choice">
          {presets.map(([label, millis]) => (
            <button key={label} type="button" disabled={isRunning} onClick={() => advance(millis, label)}>
              {label}
            </button>
          ))}
        </div>
        <Field label="Minutes">
          {(id) => (
            <input
              id={id}
              type="number"
              min={0.01}
              step="any"
              required
              value={minutes}
              onInput={(event) => setMinutes(event.currentTarget.value)}
            />
          )}
        </Field>
        {error === undefined ? null : <Problem message={error} />}
        <footer>
          <button type="submit" class="primary" disabled={isRunning}>
            Advance
          </button>
        </footer>
      </form>
    </Dialog>
  )
}
