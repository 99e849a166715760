/**
 * Fails where Effect 4 is installed and an entry for Effect 3 is imported.
 *
 * Every entry imports this file first. Where a module of Effect 3 is missing, runtimes and TypeScript name the file that
 * imports it, so the name of this file says what to do.
 */
import type * as Effect from "effect/Effect"
import "effect/Either"

/** A type of a module that the other version does not have, for TypeScript to miss it. */
export type { Either } from "effect/Either"

type Members = keyof typeof Effect

/** Part of the options of every layer. Options cannot have the property that it requires with Effect 4. */
export interface SupportedEffect
  extends Record<
    "catchAll" extends Members ? never : "Effect 4 is installed. Import from effect-sendmux/v4 instead.",
    unknown
  > {}
