import * as PlatformErrors from "effect/PlatformError"

export * from "effect/PlatformError"

export class SystemError extends PlatformErrors.PlatformError {
  constructor(options: {
    readonly reason: PlatformErrors.SystemErrorTag
    readonly module: string
    readonly method: string
    readonly description?: string
    readonly pathOrDescriptor?: string | number
    readonly cause?: unknown
  }) {
    const { reason, ...rest } = options
    super(new PlatformErrors.SystemError({ _tag: reason, ...rest }))
  }
}
