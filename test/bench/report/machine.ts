import { readFileSync } from "node:fs"
import { arch, cpus, loadavg, platform, release, totalmem } from "node:os"
import { join } from "node:path"
import { root } from "../harness/build.js"
import type { Machine } from "./markdown.js"

const compared = [
  "effect",
  "@effect/platform",
  "@effect/platform-node",
  "undici",
  "resend",
  "postmark",
  "@aws-sdk/client-sesv2",
  "openai"
]

const versionOf = (name: string): string => {
  const manifest: { readonly version: string } = JSON.parse(
    readFileSync(join(root, "node_modules", name, "package.json"), "utf8")
  )
  return `${name} ${manifest.version}`
}

/** The load average of the last 15 minutes. */
export const load = (): number => loadavg()[2] ?? 0

export const describeMachine = (loadBefore: number): Machine => ({
  processor: cpus()[0]?.model.trim() ?? "unknown processor",
  cores: cpus().length,
  memoryGigabytes: Math.round(totalmem() / 1024 ** 3),
  system: `${platform()} ${release()} ${arch()}`,
  node: process.version,
  packages: compared.map(versionOf),
  load: [loadBefore, load()]
})
