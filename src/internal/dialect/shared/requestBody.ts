/**
 * The dialect's part for request bodies.
 */
import * as HttpBody from "@effect/platform/HttpBody"
import * as Effect from "effect/Effect"
import type { RequestBody } from "../http.js"

/** A JSON text as a body. */
export const jsonBody = (text: string): RequestBody => HttpBody.text(text, "application/json")

/** Bytes as a body. */
export const bytesBodyNow = (bytes: Uint8Array, contentType: string): RequestBody =>
  HttpBody.uint8Array(bytes, contentType)

/** Bytes that are collected first, as a body. */
export const bytesBody = <E>(
  gather: Effect.Effect<Uint8Array, E>,
  contentType: string
): Effect.Effect<RequestBody, E> => Effect.map(gather, (bytes) => bytesBodyNow(bytes, contentType))
