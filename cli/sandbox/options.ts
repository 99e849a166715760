/**
 * The options of the command `sandbox`, as the command line gives them.
 */
export interface CommandOptions {
  readonly port: number
  readonly host: string
  readonly allowHost?: ReadonlyArray<string> | undefined
  readonly allowOrigin?: ReadonlyArray<string> | undefined
  readonly seed?: number | undefined
  readonly rateLimit?:
    | { readonly sending?: number; readonly mailbox?: number; readonly management?: number }
    | undefined
  readonly rateWindow?: number | undefined
  /** In milliseconds. */
  readonly latency?: { readonly min: number; readonly max: number } | undefined
  /** The folder that keeps the state. */
  readonly data?: string | undefined
  readonly faults?: string | undefined
  readonly quiet?: true | undefined
}
