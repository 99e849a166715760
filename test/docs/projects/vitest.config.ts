/**
 * Runs the tests of an example project of `docs/examples` with the sources of this repository instead of the package from npm.
 */
import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

const source = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url))

export default defineConfig({
  // Far longer than any test takes, so that none fails on a busy machine.
  test: { testTimeout: 120_000, hookTimeout: 120_000 },
  resolve: {
    alias: [
      { find: /^effect-sendmux$/, replacement: source("src/index.ts") },
      { find: /^effect-sendmux\/(.+)$/, replacement: source("src/$1.ts") }
    ]
  }
})
