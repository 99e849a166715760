/**
 * Splits a batch into requests of 100 ids, and joins their results.
 */

import * as Effect from "effect/Effect"
import type { ApiResponse, Method } from "../../internal/model/call.js"
import type { SendmuxError } from "../../internal/model/errors.js"
import { invalidRequest } from "../../internal/model/invalidRequest.js"
import { operationName } from "../../internal/operation/operation.js"
import { withObjects } from "../objects.js"
import type { MailboxOptions } from "../options.js"
import {
  type BatchDeleteData,
  type BatchDeleted,
  type BatchDeleteInput,
  type BatchDeleteResult,
  type BatchGetData,
  type BatchGetInput,
  type BatchGetItem,
  type BatchGetResult,
  type BatchMessageFailed,
  type BatchNotFound,
  type BatchStates,
  type BatchUnconfirmed,
  type BatchUpdateData,
  type BatchUpdated,
  type BatchUpdateInput,
  type BatchUpdateResult,
  chunkSize,
  messageBatchOperations
} from "./batch.js"

/** Splits the ids, without duplicates, into those of the first request and those of the following ones. */
const chunked = (given: ReadonlyArray<string>): [first: Array<string>, ...rest: Array<Array<string>>] => {
  const unique = [...new Set(given)]
  const rest: Array<Array<string>> = []
  for (let start = chunkSize; start < unique.length; start += chunkSize) {
    rest.push(unique.slice(start, start + chunkSize))
  }
  return [unique.slice(0, chunkSize), ...rest]
}

/** Returns whether the ids can be split. An invalid list is passed on unchanged, so that the operation rejects it. */
const splittable = (given: unknown): given is ReadonlyArray<string> =>
  Array.isArray(given) && given.every((id) => typeof id === "string" && id !== "")

/** Returns the results in the order of the given ids. */
const joined = <Item>(
  given: ReadonlyArray<string>,
  byId: ReadonlyMap<string, Item>,
  absent: (id: string) => Item
): ReadonlyArray<Item> => given.map((id) => byId.get(id) ?? absent(id))

type Batch<Input, A> = Method<[input: Input, options?: MailboxOptions], A>

const withData = <Input, A>(
  name: string,
  call: (input: Input, options?: MailboxOptions) => Effect.Effect<ApiResponse<A>, SendmuxError>
): Batch<Input, A> => {
  const withResponse = (input: Input, options?: MailboxOptions) =>
    withObjects(name, { "the input": input }, () => call(input, options))
  return Object.assign(
    (input: Input, options?: MailboxOptions) => Effect.map(withResponse(input, options), ({ data }) => data),
    { withResponse }
  )
}

export const batchGetOf = (call: Batch<BatchGetInput, BatchGetData>): Batch<BatchGetInput, BatchGetResult> =>
  withData(operationName(messageBatchOperations.batchGet), (input, options) =>
    Effect.gen(function* () {
      const [first, ...rest] = splittable(input.ids) ? chunked(input.ids) : [input.ids]
      let last = yield* call.withResponse({ ...input, ids: first }, options)
      const { states } = last.data
      let attempts = last.meta.attempts
      const byId = new Map<string, BatchGetItem>()
      addFound(byId, last.data)
      for (const ids of rest) {
        last = yield* call.withResponse({ ...input, ids }, options)
        attempts += last.meta.attempts
        addFound(byId, last.data)
      }
      const results = joined<BatchGetItem>(input.ids, byId, (id) => ({ _tag: "NotFound", id }))
      return { data: { results, states }, meta: { ...last.meta, attempts } }
    })
  )

const addFound = (byId: Map<string, BatchGetItem>, data: BatchGetData): void => {
  for (const found of data.messages) {
    byId.set(found.message.id, { _tag: "Found", id: found.message.id, ...found })
  }
}

type NotDone = BatchNotFound | BatchMessageFailed | BatchUnconfirmed

interface WriteData {
  readonly failed: ReadonlyArray<{ readonly id: string; readonly code: string; readonly message: string }>
  readonly not_found: ReadonlyArray<string>
  readonly states: BatchStates
}

interface WriteInput {
  readonly ids: ReadonlyArray<string>
  readonly if_in_state?: string | undefined
}

/**
 * Makes a method that sends its requests one after another. With `if_in_state`, each request uses the state that the
 * response before it returned. A failure of the first request fails the call. A failure of a later request becomes the
 * result of the remaining ids, because the earlier requests have changed messages.
 */
const batchWriteOf = <Input extends WriteInput, Data extends WriteData, Done>(
  name: string,
  call: Batch<Input, Data>,
  done: (data: Data) => ReadonlyArray<string>,
  item: (id: string) => Done
): Batch<Input, { readonly results: ReadonlyArray<Done | NotDone>; readonly states: BatchStates }> =>
  withData(name, (input, options) =>
    Effect.gen(function* () {
      const [first, ...rest] = splittable(input.ids) ? chunked(input.ids) : [input.ids]
      let last = yield* call.withResponse({ ...input, ids: first }, options)
      let attempts = last.meta.attempts
      let stopped: SendmuxError | undefined
      const { old_state } = last.data.states
      const byId = new Map<string, Done | NotDone>()
      const add = (data: Data): void => {
        for (const id of done(data)) byId.set(id, item(id))
        for (const id of data.not_found) byId.set(id, { _tag: "NotFound", id })
        for (const failure of data.failed) byId.set(failure.id, { _tag: "Failed", ...failure })
      }
      add(last.data)
      for (const ids of rest) {
        const next = yield* nextPart(name, call, { ...input, ids }, last.data.states.new_state, options)
        if ("error" in next) {
          stopped = next.error
          break
        }
        last = next.response
        attempts += last.meta.attempts
        add(last.data)
      }
      const results = joined<Done | NotDone>(input.ids, byId, (id) =>
        stopped === undefined
          ? { _tag: "Failed", id, ...unexplained }
          : { _tag: "Unconfirmed", id, error: stopped }
      )
      const states = { old_state, new_state: last.data.states.new_state }
      return { data: { results, states }, meta: { ...last.meta, attempts } }
    })
  )

/** The outcome of a later request, as a value. */
type Part<Data> = { readonly response: ApiResponse<Data> } | { readonly error: SendmuxError }

const nextPart = <Input extends WriteInput, Data>(
  name: string,
  call: Batch<Input, Data>,
  input: Input,
  state: string | null,
  options: MailboxOptions | undefined
): Effect.Effect<Part<Data>> => {
  if (input.if_in_state !== undefined && state === null) {
    const issue = "the server returned no new state, so the remaining ids cannot be sent with if_in_state"
    return Effect.succeed({ error: invalidRequest(name, issue) })
  }
  const continued = input.if_in_state === undefined ? input : { ...input, if_in_state: state ?? undefined }
  return call.withResponse(continued, options).pipe(
    Effect.match({
      onFailure: (error): Part<Data> => ({ error }),
      onSuccess: (response): Part<Data> => ({ response })
    })
  )
}

const unexplained = {
  code: "unexplained",
  message: "The response does not report the outcome of this message"
}

export const batchUpdateOf = (
  call: Batch<BatchUpdateInput, BatchUpdateData>
): Batch<BatchUpdateInput, BatchUpdateResult> =>
  batchWriteOf(
    operationName(messageBatchOperations.batchUpdate),
    call,
    ({ updated }) => updated,
    (id): BatchUpdated => ({ _tag: "Updated", id })
  )

export const batchDeleteOf = (
  call: Batch<BatchDeleteInput, BatchDeleteData>
): Batch<BatchDeleteInput, BatchDeleteResult> =>
  batchWriteOf(
    operationName(messageBatchOperations.batchDelete),
    call,
    ({ deleted }) => deleted,
    (id): BatchDeleted => ({ _tag: "Deleted", id })
  )
