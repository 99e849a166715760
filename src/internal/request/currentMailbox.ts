/**
 * The mailbox of the calls within `Mailbox.withMailbox`; `undefined` leaves it to each layer.
 */
import { type Reference, reference } from "../dialect/core.js"

export const CurrentMailbox: Reference<string | undefined> = reference<string | undefined>(
  "effect-sendmux/Mailbox/CurrentMailbox",
  () => undefined
)
