/**
 * Fails where Effect 3 is installed and an entry for Effect 4 is imported.
 *
 * Every entry imports this file first. Where a module of Effect 4 is missing, runtimes and TypeScript name the file that
 * imports it, so the name of this file says what to do.
 */
import type * as Effect from "effect/Effect"
import "effect/Result"

/** A type of a module that the other version does not have, for TypeScript to miss it. */
export type { Result } from "effect/Result"

type Members = keyof typeof Effect

/** Part of the options of every layer. Options cannot have the property that it requires with Effect 3. */
export interface SupportedEffect
  extends Record<
    "catchAll" extends Members
      ? "Effect 3 is installed. Import from effect-sendmux instead of effect-sendmux/v4."
      : never,
    unknown
  > {}
