/**
 * Checks which entries load the dependencies of the sandbox.
 */
import { join } from "node:path"
import { build } from "esbuild"
import { describe, expect, it } from "vitest"
import { root } from "../support/blocks.js"

/** Returns the packages that an entry imports, directly or through other files of the project. */
const packagesOf = async (entry: string): Promise<ReadonlySet<string>> => {
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
  const imports = Object.values(metafile.inputs).flatMap((input) => input.imports)
  return new Set(imports.flatMap(({ external, path }) => (external === true ? [path] : [])))
}

describe("the dependencies of the sandbox", () => {
  it("html-to-text is loaded by the Sandbox entry", async () => {
    expect(await packagesOf("Sandbox")).toContain("html-to-text")
  })

  for (const entry of ["Sending", "SendingFiles", "Mailbox", "MailboxFiles", "Management", "Webhooks"]) {
    it(`html-to-text is not loaded by the ${entry} entry`, async () => {
      expect(await packagesOf(entry)).not.toContain("html-to-text")
    })
  }
})
