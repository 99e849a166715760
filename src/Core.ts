/**
 * The parts that the SDK is made of, for what it has no method for: a client with the credential and the retries of a
 * surface, lists from any function that fetches a page, and operations of your own as methods.
 *
 * @since 0.2.0
 */
import "./internal/dialect/with-effect-4-import-effect-sendmux-v4.js"

export * from "./core/httpClient.js"
export * from "./core/operation.js"
export * from "./core/paginate.js"
export type {
  AnyIds,
  Args,
  ConditionalStreamMethod,
  DataMethods,
  ListMethods,
  StreamMethods,
  WithData
} from "./internal/methods/types.js"
export type * from "./internal/model/call.js"
export * from "./internal/model/errors.js"
export type * from "./internal/model/options.js"
export type { Surface } from "./internal/model/surfaces.js"
export type { Flag, Flagged, OptionsOf, ResponseKind, Trait } from "./internal/operation/flags.js"
export type {
  HttpMethod,
  Operation,
  OperationDefinition,
  OperationFacts,
  OperationName,
  PathIds
} from "./internal/operation/operation.js"
export {
  /**
   * A value of a response that may be null. A missing value decodes to null.
   *
   * @since 0.2.0
   * @category schemas
   */
  Nullable,
  /**
   * A set of known values that the API may extend. Other strings are accepted too.
   *
   * @since 0.2.0
   * @category schemas
   */
  OpenEnum,
  /**
   * A key that a response may omit. Null decodes to a missing key.
   *
   * @since 0.2.0
   * @category schemas
   */
  Optional,
  /**
   * A secret in a response, which decodes to `Redacted`.
   *
   * @since 0.2.0
   * @category schemas
   */
  Secret,
  /**
   * A secret in an input, as a string or as `Redacted`. Errors do not quote it, even if the server does.
   *
   * @since 0.2.0
   * @category schemas
   */
  SecretInput,
  /**
   * A point in time in a response.
   *
   * @since 0.2.0
   * @category schemas
   */
  Timestamp
} from "./internal/schema/schema.js"
export * as Call from "./internal/timing/deadline.js"
export * as Retry from "./internal/timing/retry.js"
export { version } from "./internal/values/version.js"
