/**
 * The page of the sandbox, which the program serves beside the API.
 */
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import type { HttpApp } from "../../src/internal/dialect/server.js"
import { isLoopback } from "../../src/internal/values/loopback.js"

/** A file of the page. */
export interface PageFile {
  readonly contentType: string
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

/** The files of the page, by their path. */
export type Page = ReadonlyMap<string, PageFile>

const pathOf = (target: string): string => target.split(/[?#]/, 1)[0] ?? ""

/** Whether a request is for a host that the sandbox accepts. The sandbox itself refuses other requests. */
const isAccepted = (host: string | undefined, hosts: ReadonlyArray<string>): boolean => {
  const url = `http://${host ?? ""}/`
  return URL.canParse(url) && (isLoopback(url) || hosts.includes(new URL(url).hostname))
}

/** Serves the files of the page, and leaves every other request to the sandbox. */
export const withPage = (page: Page, hosts: ReadonlyArray<string>, sandbox: HttpApp): HttpApp =>
  Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ headers, method, url }) => {
    const file = page.get(pathOf(url))
    if (
      file === undefined ||
      (method !== "GET" && method !== "HEAD") ||
      !isAccepted(headers["host"], hosts)
    ) {
      return sandbox
    }
    return Effect.succeed(
      HttpServerResponse.text(file.body, { contentType: file.contentType, headers: file.headers })
    )
  })
