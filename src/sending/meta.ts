/**
 * Reads the description of the Sending API.
 *
 * @since 0.1.0
 */
import type { DataMethods } from "../internal/methods/types.js"
import type { CallOptions, ConditionalMethod } from "../internal/model/call.js"
import { operation } from "../internal/operation/operation.js"
import { UnknownRecord } from "../internal/schema/schema.js"

/** @internal */
export const metaOperations = {
  getOpenApiSpec: operation("sending.meta.getOpenApiSpec", {
    http: "GET",
    path: "/openapi.json",
    response: "document",
    data: UnknownRecord,
    authenticated: false,
    flags: ["conditional"]
  })
}

/**
 * The methods of `sending.meta`.
 *
 * @since 0.1.0
 * @category services
 */
export interface SendingMeta {
  /**
   * Reads the OpenAPI document of the Sending API: `GET /openapi.json`. The document is public, so the request does
   * not carry the credential.
   *
   * Fails with `ResponseDecodeError` if the response is not a JSON object.
   */
  readonly getOpenApiSpec: ConditionalMethod<[options?: CallOptions], { readonly [key: string]: unknown }>
}

/** @internal */
export const makeMeta = (methods: DataMethods): SendingMeta => ({
  getOpenApiSpec: methods.conditional(metaOperations.getOpenApiSpec)
})
