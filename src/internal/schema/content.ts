import type * as Stream from "effect/Stream"
import { isStream } from "../dialect/stream.js"

/** Returns whether a value can be the content of an upload. */
export const isContent = (u: unknown): u is Uint8Array | Blob | Stream.Stream<Uint8Array, unknown> =>
  u instanceof Uint8Array || (typeof Blob !== "undefined" && u instanceof Blob) || isStream(u)
