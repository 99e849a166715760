import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { root } from "../support/blocks.js"
import { traces } from "./trace/programs.js"
import { timeline } from "./trace/timeline.js"

describe("the pictures of traces", () => {
  for (const { file, program, title } of traces) {
    it(`${file} shows the spans that the SDK creates now`, async () => {
      const picture = timeline(title, await Effect.runPromise(program))
      expect(readFileSync(join(root, file), "utf8")).toBe(picture)
    })
  }
})
