/**
 * Uploads to URLs that the API has issued.
 */
import type { Pipeline } from "../pipeline/pipeline.js"
import { run } from "../pipeline/run.js"
import { prepareUpload } from "../request/presigned.js"
import { dataOf } from "./data.js"
import type { UploadMethods } from "./types.js"

export const makeUploadMethods = (pipeline: Pipeline): UploadMethods => ({
  presigned: (operation) => (url, headers, bytes, options) =>
    run(pipeline, operation, () => prepareUpload(operation, pipeline, url, headers, bytes, options), dataOf)
})
