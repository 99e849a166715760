import { describe, expect, it } from "vitest"
import { sectionProblems } from "../../site/content/guides.js"
import { homeText } from "../../site/content/home.js"
import { guideNames } from "../../site/content/repository.js"

describe("the sections of the site", () => {
  it("contain every guide of docs exactly once", () => {
    expect(sectionProblems()).toEqual([])
    expect(guideNames()).toContain("sending")
  })

  it("are reported if they miss a guide, name one twice, or name one that does not exist", () => {
    expect(sectionProblems(["a", "b"], [{ title: "One", guides: ["a", "a", "c"] }])).toEqual([
      "docs/b.md is in no section of the site: add it to site/content/sections.ts",
      "site/content/sections.ts names docs/c.md, which does not exist",
      "site/content/sections.ts names a twice"
    ])
  })
})

describe("the home page", () => {
  it("states the figures of the benchmarks, and the number of operations", () => {
    const text = homeText()
    expect(text).toContain("title: 118 operations")
    expect(text).toMatch(/compared with the `resend` SDK \| \d+ % \|/)
  })
})
