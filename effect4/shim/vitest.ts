/** Every test of Effect 4 has a scope. */
import { it as effectIt } from "@effect/vitest"

export * from "@effect/vitest"
export const it = Object.assign(effectIt, { scoped: effectIt.effect, scopedLive: effectIt.live })
