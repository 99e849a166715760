/**
 * Methods that give streams: downloads and server-sent events.
 */
import * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import { openStream } from "../dialect/stream.js"
import type { SendmuxError } from "../model/errors.js"
import { callSiteOf } from "../operation/callSite.js"
import type { AnyOperation } from "../operation/operation.js"
import type { Pipeline } from "../pipeline/pipeline.js"
import { open, openConditional, openScoped, type Prepare } from "../pipeline/run.js"
import { prepareDownload } from "../request/presigned.js"
import { readBytes, readDownload } from "../response/bytes.js"
import type { DecodeStream } from "../response/read.js"
import { readEvents } from "../response/serverSentEvents.js"
import { prepareWith } from "./data.js"
import type { StreamMethods } from "./types.js"

export const makeStreamMethods = (pipeline: Pipeline): StreamMethods => ({
  bytes: (operation) => streamOf(pipeline, operation, readBytes),
  openBytes: (operation) => streamOf(pipeline, operation, readDownload),
  openSigned: (operation) => (url, options) =>
    opened(pipeline, () => prepareDownload(operation, pipeline, url, options), readDownload),
  conditionalBytes: (operation) =>
    Object.assign(streamOf(pipeline, operation, readBytes), {
      ifNoneMatch: ifNoneMatchOf(pipeline, operation)
    }),
  events: (operation) => streamOf(pipeline, operation, readEvents)
})

const ifNoneMatchOf = (pipeline: Pipeline, operation: AnyOperation) => {
  const method = (
    etag: string,
    ...args: ReadonlyArray<unknown>
  ): ReturnType<typeof openConditional<Uint8Array>> =>
    openConditional(pipeline, prepareWith(operation, pipeline, args, callSiteOf(method), etag), readBytes)
  return method
}

const streamOf = <A>(pipeline: Pipeline, operation: AnyOperation, decode: DecodeStream<A>) => {
  const stream = (...args: ReadonlyArray<unknown>): Stream.Stream<A, SendmuxError> =>
    opened(pipeline, prepareWith(operation, pipeline, args, callSiteOf(stream)), decode)
  const withResponse = (...args: ReadonlyArray<unknown>): ReturnType<typeof open<A>> =>
    open(pipeline, prepareWith(operation, pipeline, args, callSiteOf(withResponse)), decode)
  return Object.assign(stream, { withResponse })
}

/** A stream whose request is sent when the stream starts, and whose socket closes when it ends. */
const opened = <A>(
  pipeline: Pipeline,
  prepare: Prepare,
  decode: DecodeStream<A>
): Stream.Stream<A, SendmuxError> =>
  openStream(Effect.map(openScoped(pipeline, prepare, decode), ({ data }) => data))
