/**
 * Runs the tests of an example project of `docs/examples` with the sources of this repository instead of the package from npm.
 */
import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

const source = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url))

export default defineConfig({
  resolve: {
    alias: [
      { find: /^effect-sendmux$/, replacement: source("src/index.ts") },
      { find: /^effect-sendmux\/(.+)$/, replacement: source("src/$1.ts") }
    ]
  }
})
