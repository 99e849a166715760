import { readFileSync } from "node:fs"
import { defineConfig } from "vitepress"

const json = (path: string) => JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"))

/** Guides and operations before the public names, which are many and say the same in other words. */
const boostDocument = (id: string, _term: string, stored?: Record<string, unknown>): number => {
  if (!id.includes("/reference/")) return 1
  const above = stored?.["titles"]
  return Array.isArray(above) && above.length > 0 ? 0.05 : 0.4
}

/** The anchor of a heading as repositories make it, so that the guides have the same links there and here. */
const slugify = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replace(/\s/g, "-")

export default defineConfig({
  title: "effect-sendmux",
  description: "An Effect SDK for the Sendmux email API",
  lang: "en",
  // The path below which the site is served, such as /effect-sendmux/ on GitHub Pages.
  base: process.env["DOCS_BASE"] ?? "/",
  srcDir: ".pages",
  outDir: "dist",
  head: [
    ["link", { rel: "icon", type: "image/svg+xml", href: `${process.env["DOCS_BASE"] ?? "/"}icon.svg` }]
  ],
  // Keeps the navigation out of every page.
  metaChunk: true,
  markdown: { anchor: { slugify }, theme: { light: "github-light", dark: "github-dark" } },
  vite: { build: { chunkSizeWarningLimit: 8_000 } },
  themeConfig: {
    search: {
      provider: "local",
      options: {
        miniSearch: {
          searchOptions: {
            combineWith: "AND",
            fuzzy: 0.2,
            prefix: true,
            boost: { title: 4, titles: 2, text: 1 },
            boostDocument
          }
        }
      }
    },
    nav: [
      { text: "Guides", link: "/overview", activeMatch: "^/(overview|guides|project)" },
      { text: "Operations", link: "/operations/", activeMatch: "^/operations/" },
      { text: "Reference", link: "/reference/", activeMatch: "^/reference/" }
    ],
    sidebar: json("../.pages/sidebar.json"),
    outline: { level: [2, 3], label: "On this page" },
    footer: {
      message: "An independent project, not made, endorsed or supported by Sendmux.",
      copyright: "MIT license"
    }
  }
})
