/**
 * All forms of methods together, for a surface that has lists, streams and uploads. A surface without them composes its
 * own, so that a bundle contains only what it uses.
 */
import type { Pipeline } from "../pipeline/pipeline.js"
import { makeDataMethods } from "./data.js"
import { makeListMethods } from "./lists.js"
import { makeStreamMethods } from "./streams.js"
import type { Methods } from "./types.js"
import { makeUploadMethods } from "./uploads.js"

export type * from "./types.js"

export const makeMethods = (pipeline: Pipeline): Methods => ({
  ...makeDataMethods(pipeline),
  ...makeListMethods(pipeline),
  ...makeStreamMethods(pipeline),
  ...makeUploadMethods(pipeline)
})
