import { readFileSync } from "node:fs"
import { join } from "node:path"
import { build } from "esbuild"
import { describe, expect, it } from "vitest"
import { version } from "../../src/index.js"
import { root } from "../support/blocks.js"

const { exports, version: published } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  readonly exports: Readonly<Record<string, unknown>>
  readonly version: string
}

/** Returns the files of this project that an entry loads. */
const loadedBy = async (entry: string): Promise<ReadonlyArray<string>> => {
  const { metafile } = await build({
    entryPoints: [join(root, "src", `${entry}.ts`)],
    absWorkingDir: root,
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "neutral",
    packages: "external",
    logLevel: "silent"
  })
  return Object.keys(metafile.inputs).filter((file) => file.startsWith("src/"))
}

const surfaces: Readonly<Record<string, RegExp>> = {
  Sending: /^src\/(bulk|mailbox|management|sandbox|webhooks)\//,
  Bulk: /^src\/(mailbox|management|sandbox|webhooks)\//,
  Mailbox: /^src\/(sending|management|sandbox|webhooks)\//,
  Management: /^src\/(sending|mailbox|sandbox|webhooks)\//,
  Webhooks: /^src\/(sending|mailbox|management|sandbox)\//
}

describe("the entries", () => {
  it("are exactly the exports of package.json", () => {
    const entries = [
      "Sending",
      "SendingFiles",
      "Mailbox",
      "MailboxFiles",
      "Management",
      "Body",
      "Template",
      "ReactEmail",
      "Bulk",
      "LedgerSql",
      "LedgerSqlite",
      "Testing",
      "Webhooks",
      "EntityTagCache",
      "Core",
      "Drift",
      "RateLimit",
      "RateLimitRedis",
      "OAuth",
      "AgentAuth",
      "Credentials",
      "Sandbox"
    ]
    expect(Object.keys(exports)).toEqual([
      ".",
      ...entries.map((entry) => `./${entry}`),
      "./v4",
      ...entries.filter((entry) => entry !== "LedgerSqlite").map((entry) => `./v4/${entry}`),
      "./package.json"
    ])
  })

  it("are all listed in the README, and no other", () => {
    const readme = readFileSync(join(root, "README.md"), "utf8")
    const listed = [...readme.matchAll(/^\| `effect-sendmux(?:\/(\w+))?` \|/gm)].map(([, entry]) =>
      entry === undefined ? "." : `./${entry}`
    )
    const published = Object.keys(exports).filter(
      (path) => path !== "./package.json" && !path.startsWith("./v4")
    )
    expect(listed.sort()).toEqual(published.sort())
  })

  for (const [surface, others] of Object.entries(surfaces)) {
    it(`${surface} loads no module of another surface`, async () => {
      const files = await loadedBy(surface)
      expect(files.length).toBeGreaterThan(5)
      expect(files.filter((file) => others.test(file))).toEqual([])
    })
  }

  it("load the store of Redis in RateLimitRedis only", async () => {
    const store = "src/internal/dialect/counterStore.ts"
    expect(await loadedBy("RateLimitRedis")).toContain(store)
    for (const entry of Object.keys(exports)) {
      const name = entry === "." ? "index" : entry.slice(2)
      if (name === "RateLimitRedis" || name === "package.json" || /^v4(?:$|\/)/.test(name)) continue
      expect(await loadedBy(name), name).not.toContain(store)
    }
  })

  it("load the limiter in RateLimit and RateLimitRedis only", async () => {
    for (const entry of ["index", "Sending", "Mailbox", "Management", "Sandbox", "Webhooks"]) {
      const files = await loadedBy(entry)
      expect(files.filter((file) => file.startsWith("src/ratelimit/"))).toEqual([])
    }
  })

  it("load the code for SQL only in the entries of the SQL ledgers", async () => {
    for (const entry of ["index", "Sending", "Bulk", "RateLimit"]) {
      expect((await loadedBy(entry)).filter((file) => /sql/i.test(file))).toEqual([])
    }
    expect(await loadedBy("LedgerSql")).not.toContain("src/internal/dialect/sqlite.ts")
  })

  it("load the conversion of HTML in Body, ReactEmail and Sandbox only, and React nowhere before it is used", async () => {
    const importing = async (entry: string, pattern: RegExp) =>
      (await loadedBy(entry)).filter((file) => pattern.test(readFileSync(join(root, file), "utf8")))
    for (const entry of [
      "Sending",
      "SendingFiles",
      "Bulk",
      "Mailbox",
      "Management",
      "Webhooks",
      "Template"
    ]) {
      expect(await importing(entry, /from "html-to-text"|@react-email/), entry).toEqual([])
    }
    expect(await importing("Body", /from "html-to-text"/)).toEqual(["src/body/text.ts"])
    const { outputFiles } = await build({
      entryPoints: [join(root, "src", "ReactEmail.ts")],
      bundle: true,
      write: false,
      format: "esm",
      platform: "neutral",
      packages: "external",
      logLevel: "silent"
    })
    const code = outputFiles[0]?.text ?? ""
    expect(code).toContain('import("@react-email/render")')
    expect(code).not.toMatch(/from "(?:react|react-dom|@react-email)/)
  })

  it("import no Node module", async () => {
    for (const entry of [
      "index",
      "SendingFiles",
      "MailboxFiles",
      "Sandbox",
      "Webhooks",
      "Bulk",
      "RateLimit"
    ]) {
      for (const file of await loadedBy(entry)) {
        // An example in a docstring may import one.
        expect(readFileSync(join(root, file), "utf8"), file).not.toMatch(/^(?! \*).*from "node:/m)
      }
    }
  })
})

describe("the version that the root entry exports", () => {
  it("is that of package.json", () => {
    expect(version).toBe(published)
  })
})
