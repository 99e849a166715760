/**
 * The files of the page. The bundle contains them, and a program that runs from the sources builds them.
 */
import type { Page, PageFile } from "./page.js"

/** Names of assets contain a digest of their content, so a browser never has to ask for them again. */
const assetCaching = "public, max-age=31536000, immutable"

export const loadPage = async (): Promise<Page> => {
  const { buildPage, pageHeaders } = await import("../page/build.mjs")
  const { files, html } = await buildPage()
  const headers = { ...pageHeaders, "cache-control": assetCaching }
  return new Map<string, PageFile>([
    ["/", { contentType: "text/html; charset=utf-8", body: html, headers: pageHeaders }],
    ...Object.entries(files).map(([path, file]): [string, PageFile] => [path, { ...file, headers }])
  ])
}
