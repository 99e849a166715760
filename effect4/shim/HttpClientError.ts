import * as Errors from "effect/http/HttpClientError"
import type * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"

export * from "effect/http/HttpClientError"

const requestReasons = {
  Transport: Errors.TransportError,
  Encode: Errors.EncodeError,
  InvalidUrl: Errors.InvalidUrlError
}

export class RequestError extends Errors.HttpClientError {
  constructor(options: {
    readonly request: HttpClientRequest.HttpClientRequest
    readonly reason: keyof typeof requestReasons
    readonly cause?: unknown
    readonly description?: string
  }) {
    const { reason, ...rest } = options
    super({ reason: new requestReasons[reason](rest) })
  }
}

const responseReasons = {
  StatusCode: Errors.StatusCodeError,
  Decode: Errors.DecodeError,
  EmptyBody: Errors.EmptyBodyError
}

export class ResponseError extends Errors.HttpClientError {
  constructor(options: {
    readonly request: HttpClientRequest.HttpClientRequest
    readonly response: HttpClientResponse.HttpClientResponse
    readonly reason: keyof typeof responseReasons
    readonly cause?: unknown
    readonly description?: string
  }) {
    const { reason, ...rest } = options
    super({ reason: new responseReasons[reason](rest) })
  }
}
