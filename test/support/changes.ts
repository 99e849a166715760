import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { APIError, SendmuxError } from "../../src/internal/model/errors.js"
import type { MailboxChanges, SyncType } from "../../src/mailbox/changes/schemas.js"
import { errorsOf } from "./errors.js"
import { untyped } from "./synthetic.js"

const errors = errorsOf("mailbox.changes.get")

/** A failure of the API. */
export const apiError = (
  status: number,
  code: string,
  retryable = false,
  retryAfter?: Duration.Duration
): APIError => errors.apiError(status, { code, retryable, retryAfter })

export const { transportError } = errors

/** The changes of a type up to a state. */
export const report = (new_state: string, more: Partial<MailboxChanges> = {}): MailboxChanges => ({
  old_state: null,
  new_state,
  has_more: false,
  created: [],
  updated: [],
  destroyed: [],
  sync_required: undefined,
  updated_properties: undefined,
  ...more
})

type Input = Readonly<Record<string, unknown>> & { readonly types: ReadonlyArray<SyncType> }

/** A server of changes, with the requests that it received. */
export const changesFrom = (
  respond: (input: Input, index: number) => Partial<Record<SyncType, MailboxChanges>> | SendmuxError
) => {
  const inputs: Array<Input> = []
  const get = (input: Input) =>
    Effect.suspend((): Effect.Effect<unknown, SendmuxError> => {
      const response = respond(input, inputs.push(input) - 1)
      return "_tag" in response ? Effect.fail(response) : Effect.succeed({ types: response })
    })
  return { inputs, groups: { changes: { get: untyped(get) } } }
}
