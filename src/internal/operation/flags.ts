/**
 * The flags of an operation: what the API accepts for it besides its input. A method's options and combinators follow
 * from them, and the compiler rejects a combinator on an operation that lacks its flag.
 */
import type {
  ByteStreamOptions,
  CallOptions,
  ConditionalWriteOptions,
  DownloadOptions,
  IdempotentOptions,
  MailboxTarget
} from "../model/call.js"

/**
 * What an operation's request accepts.
 *
 * @since 0.2.0
 * @category models
 */
export type Flag =
  /** Accepts `Idempotency-Key`: the option `idempotencyKey`. */
  | "idempotencyKey"
  /** Accepts `If-Match`: the option `ifMatch`, and `modify`. */
  | "ifMatch"
  /** Accepts `If-None-Match` and may respond with 304: the method's `ifNoneMatch`. */
  | "conditional"
  /** Accepts the `mailbox_id` query of the mailbox surface: the option `mailbox_id`. */
  | "mailboxId"
  /** Accepts `Range`: the option `range` of a download. */
  | "range"
  /** Responds with one page of a cursor list: a `Stream`, `pages` and `page`. */
  | "paginated"

/**
 * The form of a successful response body.
 *
 * @since 0.2.0
 * @category models
 */
export type ResponseKind =
  /** The envelope `{ ok, data, meta, pagination? }`. */
  | "envelope"
  /** JSON without the envelope. */
  | "document"
  | "text"
  /** A stream of bytes. */
  | "bytes"
  /** A stream of server-sent events. */
  | "events"

/**
 * A flag, or the kind of response: together they decide which combinators an operation may be given to.
 *
 * @since 0.2.0
 * @category models
 */
export type Trait = Flag | ResponseKind

/**
 * What carries at least the traits `T`; one with more traits is assignable to one with fewer.
 *
 * @since 0.2.0
 * @category models
 */
export interface Flagged<in T extends Trait> {
  readonly flags: { readonly [Name in T]: true }
}

/** The traits of an operation as a record. */
export const flagsOf = <T extends Trait>(traits: ReadonlyArray<T>): Flagged<T>["flags"] => {
  const flags: { [Name in T]?: true } = {}
  for (const trait of traits) flags[trait] = true
  // The loop has set every key, which the compiler cannot follow.
  return flags as Flagged<T>["flags"]
}

/** The option of a trait, or a declaration that it is absent, so that no method can promise it. */
type OptionFor<T extends Trait, Name extends Trait, Option> = Name extends T
  ? Option
  : { readonly [Key in keyof Option]?: never }

/**
 * The options of a call to an operation with the traits `T`.
 *
 * @since 0.2.0
 * @category models
 */
export type OptionsOf<T extends Trait> = CallOptions &
  OptionFor<T, "idempotencyKey", Pick<IdempotentOptions, "idempotencyKey" | "onConflict">> &
  OptionFor<T, "ifMatch", Pick<ConditionalWriteOptions, "ifMatch">> &
  OptionFor<T, "mailboxId", MailboxTarget> &
  OptionFor<T, "range", Pick<DownloadOptions, "range">> &
  OptionFor<T, "bytes", Pick<ByteStreamOptions, "idleTimeout">>
