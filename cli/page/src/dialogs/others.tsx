import { send } from "../api.js"
import { keys } from "../keyboard.js"
import { noteOwnChange } from "../live.js"
import { go } from "../router.js"
import { Dialog, Fact, Problem, useAction } from "../ui.js"
import type { DialogProps } from "./fault.js"

export const ResetDialog = ({ onClose, onDone }: DialogProps) => {
  const { error, isRunning, run } = useAction()
  const reset = () =>
    run(async () => {
      await send("POST", "/reset")
      noteOwnChange("reset")
      go("#/outbox")
      onDone("The sandbox is as it was at its start.")
    })
  return (
    <Dialog title="Reset the sandbox?" onClose={onClose}>
      <p>
        All messages, mailboxes, webhooks, logs, requests and faults are deleted, and the time is the real
        time again. This cannot be undone.
      </p>
      {error === undefined ? null : <Problem message={error} />}
      <footer>
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        <button type="button" class="danger" disabled={isRunning} onClick={reset}>
          Reset everything
        </button>
      </footer>
    </Dialog>
  )
}

export const HelpDialog = ({ onClose }: { readonly onClose: () => void }) => (
  <Dialog title="Keyboard and connection" onClose={onClose}>
    <dl class="facts keys">
      {keys.map(([names, meaning]) => (
        <div class="fact" key={names}>
          <dt>
            <kbd>{names}</kbd>
          </dt>
          <dd>{meaning}</dd>
        </div>
      ))}
    </dl>
    <h3>Base URLs and keys</h3>
    <dl class="facts">
      <Fact name="Sending">{location.origin}/sending/api/v1</Fact>
      <Fact name="Mailbox, Management">{location.origin}/app/api/v1</Fact>
      <Fact name="Key of a mailbox">smx_mbx_sandbox</Fact>
      <Fact name="Key of all mailboxes">smx_agent_sandbox</Fact>
      <Fact name="Key of the team">smx_root_sandbox</Fact>
      <Fact name="Control">{location.origin}/__sandbox</Fact>
    </dl>
  </Dialog>
)
