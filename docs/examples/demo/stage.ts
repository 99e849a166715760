import * as Console from "effect/Console"

/** Prints a line. */
export const say = (line: string) => Console.log(line)

/** Prints the heading of a scene. */
export const scene = (title: string) =>
  Console.log(`\n── ${title} ${"─".repeat(Math.max(3, 76 - title.length))}`)

/** Prints a result with its label. */
export const show = (label: string, value: string | number) => Console.log(`   ${label.padEnd(22)} ${value}`)
