import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  root: source("."),
  resolve: {
    alias: [
      { find: /^effect-sendmux(?:\/v4)?$/, replacement: source("./src/index.ts") },
      { find: /^effect-sendmux\/(?:v4\/)?(.+)$/, replacement: source("./src/$1.ts") }
    ]
  },
  test: {
    include: ["test/**/*.test.ts"],
    isolate: false,
    pool: "threads",
    testTimeout: 240_000,
    hookTimeout: 120_000
  }
})
