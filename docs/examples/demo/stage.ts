import * as Console from "effect/Console"

/** Prints a line of the story. */
export const say = (line: string) => Console.log(line)

/** Prints the heading of a scene. */
export const scene = (title: string) =>
  Console.log(`\n── ${title} ${"─".repeat(Math.max(3, 76 - title.length))}`)

/** Prints what came of a step. */
export const show = (what: string, value: string | number) => Console.log(`   ${what.padEnd(22)} ${value}`)
