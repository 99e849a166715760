import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { linkProblems } from "../../site/check.js"

let site: string

beforeEach(() => {
  site = mkdtempSync(join(tmpdir(), "effect-sendmux-site-"))
})

afterEach(() => rmSync(site, { recursive: true, force: true }))

const write = (path: string, text: string) => {
  mkdirSync(dirname(join(site, path)), { recursive: true })
  writeFileSync(join(site, path), text)
}

describe("the check of the links", () => {
  it("accepts links to pages, folders, anchors and other servers", () => {
    write(
      "index.html",
      '<a href="/guides/">one</a><a href="./guides/a.html#x%20y">two</a><img src="/icon.svg">'
    )
    write("guides/index.html", '<a href="a.html">one</a><a href="https://example.com/#none">two</a>')
    write("guides/a.html", '<h2 id="x y">Title</h2><a href="#x%20y">one</a><a href="../">two</a>')
    write("icon.svg", "<svg/>")
    write("llms.txt", "[one](guides/a.html), `[code](none)`")
    expect(linkProblems(site)).toEqual([])
  })

  it("reports links to pages that do not exist", () => {
    write("index.html", '<a href="/none.html">one</a><a href="other">two</a>')
    write("llms.txt", "[one](guides/none.md)")
    expect(linkProblems(site)).toEqual([
      "index.html links to /none.html, which does not exist",
      "index.html links to other, which does not exist",
      "llms.txt links to guides/none.md, which does not exist"
    ])
  })

  it("reports links to anchors that do not exist", () => {
    write("index.html", '<h2 id="here">Title</h2><a href="#there">one</a>')
    expect(linkProblems(site)).toEqual([
      "index.html links to #there, and index.html has no element with the id there"
    ])
  })

  it("reports links that leave the path of the site", () => {
    write("index.html", '<a href="/docs/index.html">one</a><a href="/other/">two</a>')
    expect(linkProblems(site, "/docs/")).toEqual(["index.html links to /other/, which is outside of /docs/"])
  })

  it("reports what a page loads from another server", () => {
    write("index.html", '<script src="https://example.com/a.js"></script><link href="//example.com/a.css">')
    expect(linkProblems(site)).toEqual([
      "index.html loads https://example.com/a.js from another server",
      "index.html loads //example.com/a.css from another server"
    ])
  })
})
