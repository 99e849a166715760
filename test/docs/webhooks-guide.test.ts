/**
 * `docs/webhooks.md` quotes the receivers of `docs/examples/webhooks`, which `test/package/apps.mjs` runs.
 */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { root } from "../support/blocks.js"

const folder = join(root, "docs/examples/webhooks")
const guide = readFileSync(join(root, "docs/webhooks.md"), "utf8")

it("docs/webhooks.md quotes every receiver of docs/examples/webhooks as it is", () => {
  const quoted = new Map(
    Array.from(guide.matchAll(/^```ts (\S+\.ts)\n([\s\S]*?)^```$/gm), ({ 1: name = "", 2: text = "" }) => [
      name,
      text
    ])
  )
  const files = readdirSync(folder).filter((name) => name.endsWith(".ts") && name !== "test.ts")
  expect([...quoted.keys()].sort()).toEqual(files.sort())
  for (const [name, text] of quoted) expect(text, name).toBe(readFileSync(join(folder, name), "utf8"))
})
