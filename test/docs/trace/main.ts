/** Draws the traces of the guide on observability: `npm run pictures`. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { root } from "../../support/blocks.js"
import { traces } from "./programs.js"
import { timeline } from "./timeline.js"

for (const { file, program, title } of traces) {
  writeFileSync(join(root, file), timeline(title, await Effect.runPromise(program)))
  process.stdout.write(`${file}\n`)
}
