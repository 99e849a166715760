/**
 * Operations and methods that a program declares itself.
 *
 * @since 0.2.0
 */
import * as Effect from "effect/Effect"
import type { HttpClient } from "../internal/dialect/http.js"
import { makeDataMethods } from "../internal/methods/data.js"
import { makeListMethods } from "../internal/methods/lists.js"
import { makeStreamMethods } from "../internal/methods/streams.js"
import type { DataMethods, ListMethods, StreamMethods } from "../internal/methods/types.js"
import type { ConfigurationError } from "../internal/model/errors.js"
import type { LayerOptions } from "../internal/model/options.js"
import { baseUrls, type Surface } from "../internal/model/surfaces.js"
import type { Flag, ResponseKind } from "../internal/operation/flags.js"
import {
  operation as describe,
  type HttpMethod,
  type Operation,
  type OperationDefinition,
  type OperationFacts,
  type OperationName,
  type PathIds
} from "../internal/operation/operation.js"
import { makePipeline } from "../internal/pipeline/make.js"

/**
 * Declares an operation, which `Core.methods` turns into a method. The operations of the SDK are declared in the same way.
 *
 * The name has the form `surface.group.method` and appears in errors, spans and metrics. The schemas check the input before
 * anything is sent, and decode the `data` of the response. Keys of the input go into the query, or into the body if the
 * definition has `body: "json"`.
 *
 * Throws an `Error` if the definition cannot work, such as a path without a leading slash.
 *
 * @example
 * import * as Core from "effect-sendmux/Core"
 * import * as Schema from "effect/Schema"
 *
 * const Report = Schema.Struct({ id: Schema.String, status: Core.OpenEnum(["queued", "ready"]) })
 *
 * export const createReport = Core.operation("management.reports.create", {
 *   http: "POST",
 *   path: "/reports",
 *   body: "json",
 *   input: Schema.Struct({ month: Schema.String }),
 *   data: Report,
 *   flags: ["idempotencyKey"]
 * })
 *
 * @since 0.2.0
 * @category constructors
 */
export const operation = <
  const Path extends string,
  Input = undefined,
  InputWire = unknown,
  A = undefined,
  Wire = undefined,
  const F extends Flag = never,
  const K extends ResponseKind = "envelope"
>(
  name: OperationName,
  definition: OperationDefinition<Path, Input, InputWire, A, Wire, F, K>
): Operation<PathIds<Path>, Input, A, F | K, Wire> => {
  const problem = problemOf({
    ...definition,
    hasBody: definition.body !== undefined,
    hasInput: definition.input !== undefined,
    hasData: definition.data !== undefined
  })
  if (problem !== undefined) throw new Error(`${name}: ${problem}`)
  return describe(name, definition)
}

const segment = /^(?:\{\w+\}|[\w.~!$&'()*+,;=:@%-])+$/

/** What can be wrong with a definition. */
interface Checked {
  readonly http: HttpMethod
  readonly path: string
  readonly response?: ResponseKind
  readonly hasBody: boolean
  readonly hasInput: boolean
  readonly hasData: boolean
}

const problemOf = ({ hasBody, hasData, hasInput, http, path, response }: Checked): string | undefined => {
  if (!path.startsWith("/") || !path.slice(1).split("/").every(isSegment)) {
    return "the path must begin with a slash and have no query, such as /reports/{id}"
  }
  if (hasBody && !hasInput) return "a body needs an input, whose keys it consists of"
  if (hasBody && http === "GET") return "a GET has no body: its input goes into the query"
  const isStream = response === "bytes" || response === "events"
  return hasData || isStream ? undefined : "data is missing: give the schema of the response"
}

/** A segment that stands for another folder, also if its dots are encoded. */
const dots = /^(?:\.|%2e){1,2}$/i

const isSegment = (text: string): boolean => segment.test(text) && !dots.test(text)

/**
 * Makes methods of operations. Each form requires the flags that it depends on, and a method has the options that follow
 * from the flags of its operation.
 *
 * @since 0.2.0
 * @category models
 */
export interface Methods
  extends Pick<DataMethods, "call" | "conditional">,
    ListMethods,
    Pick<StreamMethods, "bytes" | "conditionalBytes"> {}

/**
 * The options of `methods`: the surface, and the options of its layer.
 *
 * @since 0.2.0
 * @category options
 */
export type MethodsOptions = LayerOptions & { readonly surface: Surface }

/**
 * Makes methods for operations of a surface that the SDK does not have, with the credential, retries, timeouts, rate limit,
 * cache, errors and telemetry that its own methods have. Needs an `HttpClient`.
 *
 * A form throws an `Error` if its operation belongs to another surface, whose credential is another one.
 *
 * @example
 * import * as Core from "effect-sendmux/Core"
 * import * as Effect from "effect/Effect"
 * import type * as Redacted from "effect/Redacted"
 * import * as Schema from "effect/Schema"
 *
 * const getReport = Core.operation("management.reports.get", {
 *   http: "GET",
 *   path: "/reports/{id}",
 *   data: Schema.Struct({ id: Schema.String, rows: Schema.Number })
 * })
 *
 * export const makeReports = (apiKey: Redacted.Redacted) =>
 *   Effect.map(Core.methods({ surface: "management", apiKey }), (methods) => ({
 *     get: methods.call(getReport)
 *   }))
 *
 * @since 0.2.0
 * @category constructors
 */
export const methods = (
  options: MethodsOptions
): Effect.Effect<Methods, ConfigurationError, HttpClient.HttpClient> => {
  const { surface, ...rest } = options
  return Effect.map(makePipeline(surface, baseUrls[surface], rest), (pipeline) => {
    const { call, conditional } = makeDataMethods(pipeline)
    const { conditionalList, list } = makeListMethods(pipeline)
    const { bytes, conditionalBytes } = makeStreamMethods(pipeline)
    /** A form that refuses an operation whose credential is another one. */
    const own =
      <O extends Pick<OperationFacts, "name" | "surface">, M>(form: (operation: O) => M) =>
      (operation: O): M => {
        if (operation.surface === surface) return form(operation)
        throw new Error(
          `${operation.name}: this is an operation of ${operation.surface}, and the methods are for ${surface}`
        )
      }
    return {
      call: own(call),
      conditional: own(conditional),
      list: own(list),
      conditionalList: own(conditionalList),
      bytes: own(bytes),
      conditionalBytes: own(conditionalBytes)
    }
  })
}
