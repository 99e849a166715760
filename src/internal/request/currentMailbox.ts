import { type Reference, reference } from "../dialect/core.js"

/** The mailbox that `Mailbox.withMailbox` selects. `undefined` selects the `mailbox_id` of each layer. */
export const CurrentMailbox: Reference<string | undefined> = reference<string | undefined>(
  "effect-sendmux/Mailbox/CurrentMailbox",
  () => undefined
)
