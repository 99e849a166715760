/**
 * The error of waits for a draft.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { optionalInput, TaggedError } from "../../internal/dialect/schema.js"

/**
 * The draft cannot reach the expected status any more, for example because it failed or was deleted.
 *
 * @since 0.1.0
 * @category errors
 */
export class DraftStateError extends TaggedError<DraftStateError>("effect-sendmux/DraftStateError")(
  "DraftStateError",
  {
    /** The method that waited, such as `mailbox.drafts.waitUntilReady`. */
    operation: Schema.String,
    draft_id: Schema.String,
    /** The status of the draft. */
    status: Schema.String,
    /** The reason, if the status is `failed`. */
    failure_code: optionalInput(Schema.String)
  }
) {
  override get message(): string {
    const reason = this.failure_code === undefined ? "" : ` (${this.failure_code})`
    return `The status of the draft is ${this.status}${reason}`
  }
  override toString(): string {
    return `${this.message} (${this.operation}, ${this.draft_id})`
  }
}
