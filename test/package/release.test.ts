import { execFileSync, spawnSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { root } from "../support/blocks.js"

interface Manifest {
  readonly version: string
  readonly homepage: string
  readonly bugs: { readonly url: string }
  readonly repository: { readonly url: string }
  readonly files: ReadonlyArray<string>
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  readonly scripts: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
}

const manifestOf = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "effect-sendmux-release-"))
  cpSync(join(root, "package.json"), join(folder, "package.json"))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

const path = (name: string) => join(folder, name)

const read = (name: string) => readFileSync(path(name), "utf8")

const write = (name: string, text: string) => {
  mkdirSync(join(path(name), ".."), { recursive: true })
  writeFileSync(path(name), text)
}

const setVersion = (version: string) =>
  write("package.json", JSON.stringify({ ...manifestOf(folder), version }))

/** Runs a script of `.ci` in the folder of the test. */
const run = (script: string, ...args: ReadonlyArray<string>) => {
  const { status, stderr, stdout } = spawnSync(process.execPath, [join(root, ".ci", script), ...args], {
    cwd: folder,
    encoding: "utf8"
  })
  return { status, stderr, stdout }
}

describe("the exports of package.json", () => {
  it("have types first and then a default, so that import and require both find them", () => {
    for (const [entry, target] of Object.entries(manifestOf(root).exports)) {
      if (typeof target === "string") continue
      expect(Object.keys(target), entry).toEqual(["types", "default"])
      expect(target["types"], entry).toBe(target["default"]?.replace(/\.js$/, ".d.ts"))
    }
  })
})

describe("npm run repository", () => {
  it("sets the repository, the issues and the home page", () => {
    expect(run("repository.mjs", "https://github.com/acme/mail.git").status).toBe(0)
    const { bugs, homepage, repository } = manifestOf(folder)
    expect(repository.url).toBe("git+https://github.com/acme/mail.git")
    expect(bugs.url).toBe("https://github.com/acme/mail/issues")
    expect(homepage).toBe("https://github.com/acme/mail#readme")
  })

  it("sets another home page if it is given", () => {
    run("repository.mjs", "https://github.com/acme/mail", "https://mail.example.com")
    expect(manifestOf(folder).homepage).toBe("https://mail.example.com")
  })

  it("refuses what is not the address of a repository, and changes nothing", () => {
    const before = read("package.json")
    for (const address of ["", "acme/mail", "https://github.com/acme", "https://example.com/acme/mail"]) {
      const { status, stderr } = run("repository.mjs", address)
      expect(status, address).toBe(1)
      expect(stderr).toContain("is not the address of a repository such as https://github.com/<owner>/<name>")
    }
    expect(read("package.json")).toBe(before)
  })

  it("is the only place of the address: no other file of the project contains it", () => {
    const { url } = manifestOf(root).repository
    const address = url.replace(/^git\+/, "").replace(/\.git$/, "")
    // These two name the placeholder.
    const others = [":!.ci/repository.mjs", ":!test/package/release.test.ts"]
    const files = execFileSync(
      "git",
      ["grep", "--files-with-matches", "--fixed-strings", address, "--", ...others],
      {
        cwd: root,
        encoding: "utf8"
      }
    )
    expect(files.trim().split("\n")).toEqual(["package.json"])
  })
})

describe("the README of the packed package", () => {
  const markdown = [
    "[Guide](docs/a.md#part), ![Picture](./docs/a.png), [![Badge](docs/b.svg)](CONTRIBUTING.md)",
    "[Site](https://example.com/docs/a.md), [Here](#here), <docs/a.md>",
    "```md",
    "[Guide](docs/a.md)",
    "```",
    ""
  ].join("\n")

  it("links to the files of its version, and leaves other links and code alone", () => {
    run("repository.mjs", "https://github.com/acme/mail")
    setVersion("1.2.3")
    write("README.md", markdown)
    expect(run("readme.mjs", "absolute").status).toBe(0)
    expect(read("README.md").split("\n")).toEqual([
      "[Guide](https://github.com/acme/mail/blob/v1.2.3/docs/a.md#part), " +
        "![Picture](https://github.com/acme/mail/raw/v1.2.3/docs/a.png), " +
        "[![Badge](https://github.com/acme/mail/raw/v1.2.3/docs/b.svg)](https://github.com/acme/mail/blob/v1.2.3/CONTRIBUTING.md)",
      "[Site](https://example.com/docs/a.md), [Here](#here), <docs/a.md>",
      "```md",
      "[Guide](docs/a.md)",
      "```",
      ""
    ])
  })

  it("is the same as before after it was packed, also if it was made absolute twice", () => {
    const text = readFileSync(join(root, "README.md"), "utf8")
    write("README.md", text)
    run("readme.mjs", "absolute")
    expect(read("README.md")).not.toBe(text)
    run("readme.mjs", "absolute")
    run("readme.mjs", "relative")
    expect(read("README.md")).toBe(text)
  })
})

describe("the changelog", () => {
  const byHand = [
    "# Changelog",
    "",
    "## 0.3.0",
    "",
    "### Minor Changes",
    "",
    "- abc1234: A feature.",
    "",
    "### Patch Changes",
    "",
    "- abc1235: A correction.",
    "",
    "## 0.3.0 (unreleased)",
    "",
    "### Minor Changes",
    "",
    "#### Names",
    "",
    "| Before | Now |",
    "",
    "## 0.2.0",
    "",
    "The first version.",
    ""
  ].join("\n")

  it("joins the section that was written by hand with that of the changesets", () => {
    setVersion("0.3.0")
    write("CHANGELOG.md", byHand)
    expect(run("changelog.mjs").status).toBe(0)
    const joined = [
      "# Changelog",
      "",
      "## 0.3.0",
      "",
      "### Minor Changes",
      "",
      "- abc1234: A feature.",
      "",
      "#### Names",
      "",
      "| Before | Now |",
      "",
      "### Patch Changes",
      "",
      "- abc1235: A correction.",
      "",
      "## 0.2.0",
      "",
      "The first version.",
      ""
    ].join("\n")
    expect(read("CHANGELOG.md")).toBe(joined)
    run("changelog.mjs")
    expect(read("CHANGELOG.md")).toBe(joined)
    expect(run("changelog.mjs", "--notes").stdout).toBe(
      "### Minor Changes\n\n- abc1234: A feature.\n\n#### Names\n\n| Before | Now |\n\n### Patch Changes\n\n- abc1235: A correction.\n"
    )
  })

  it("has only headings that changesets write", () => {
    const text = readFileSync(join(root, "CHANGELOG.md"), "utf8")
    const headings = text.match(/^#{2,3} .*$/gm) ?? []
    expect(headings.length).toBeGreaterThan(1)
    for (const heading of headings)
      expect(heading).toMatch(/^## \d+\.\d+\.\d+(?: \(unreleased\))?$|^### (?:Major|Minor|Patch) Changes$/)
  })
})

describe("npm run release:check", () => {
  const prepare = () => {
    run("repository.mjs", "https://github.com/acme/mail")
    setVersion("0.3.0")
    write("package-lock.json", JSON.stringify({ version: "0.3.0" }))
    write("CHANGELOG.md", "# Changelog\n\n## 0.3.0\n\n- A change.\n")
    write("src/internal/values/version.ts", 'export const version = "0.3.0"\n')
    write(".changeset/README.md", "# Changesets\n")
    git("init", "--quiet")
    commit()
  }
  const git = (...args: ReadonlyArray<string>) => execFileSync("git", args, { cwd: folder, stdio: "ignore" })
  const commit = () => {
    git("add", "--all")
    git("-c", "user.name=Test", "-c", "user.email=test@example.com", "commit", "--quiet", "--message", "All")
  }

  it("accepts a version with a changelog, a repository and nothing left to commit", () => {
    prepare()
    expect(run("release-check.mjs")).toEqual({
      status: 0,
      stderr: "",
      stdout: "Version 0.3.0 can be published.\n"
    })
  })

  it("refuses the placeholder of the repository", () => {
    prepare()
    const manifest = JSON.parse(read("package.json"))
    const repository = { type: "git", url: "git+https://repository.invalid/effect-sendmux.git" }
    write("package.json", JSON.stringify({ ...manifest, repository }))
    commit()
    const { status, stderr } = run("release-check.mjs")
    expect(status).toBe(1)
    expect(stderr).toBe(
      "Version 0.3.0 cannot be published:\n" +
        "- The repository is a placeholder. Set it: npm run repository -- https://github.com/<owner>/<name>\n"
    )
  })

  it("tells all problems at once", () => {
    prepare()
    setVersion("0.4.0")
    write(".changeset/brave-cats.md", '---\n"effect-sendmux": patch\n---\n\nA correction.\n')
    const { status, stderr } = run("release-check.mjs")
    expect(status).toBe(1)
    expect(stderr).toContain('The newest section of CHANGELOG.md is "0.3.0" instead of "0.4.0"')
    expect(stderr).toContain("package-lock.json has the version 0.3.0 instead of 0.4.0")
    expect(stderr).toContain("version.ts has another version")
    expect(stderr).toContain("belong to no version yet: brave-cats.md")
    expect(stderr).toContain("These files are not committed:")
  })
})

describe("the workflows", () => {
  const workflows = readdirSync(join(root, ".github", "workflows")).map((name) => ({
    name,
    text: readFileSync(join(root, ".github", "workflows", name), "utf8")
  }))

  it("pin every action to a commit", () => {
    for (const { name, text } of workflows) {
      const used = [...text.matchAll(/uses: (\S+)/g)].flatMap(([, action]) => action ?? [])
      expect(used.length, name).toBeGreaterThan(0)
      for (const action of used) expect(action, name).toMatch(/@[0-9a-f]{40}$|^\.\//)
    }
  })

  it("run scripts that exist", () => {
    const { scripts } = manifestOf(root)
    for (const { name, text } of workflows)
      for (const [, script = ""] of text.matchAll(/npm run (?:--silent )?([\w:]+)/g))
        expect(scripts, name).toHaveProperty(script)
  })

  it("can publish in one job only, which installs no dependency", () => {
    const release = workflows.find(({ name }) => name === "release.yml")?.text ?? ""
    expect(workflows.map(({ text }) => text.match(/id-token: write/g)?.length ?? 0).toSorted()).toEqual([
      0, 1
    ])
    const job = release.slice(release.indexOf("\n  publish:"))
    expect(job).toContain("id-token: write")
    expect(job).toContain("--provenance")
    expect(job).not.toMatch(/npm (?:ci|install|run)|checkout/)
  })
})
