import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  resolve: {
    alias: [
      { find: /^effect-sendmux$/, replacement: source("./src/index.ts") },
      { find: /^effect-sendmux\/(.+)$/, replacement: source("./src/$1.ts") }
    ]
  },
  test: {
    include: ["test/**/*.test.ts"],
    // Loading the modules once for all files takes most of the time away. No test may depend on fresh modules.
    isolate: false,
    pool: "threads",
    // Far longer than any test takes, so that none fails on a busy machine.
    testTimeout: 240_000,
    hookTimeout: 120_000
  }
})
