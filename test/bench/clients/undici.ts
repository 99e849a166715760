import * as Undici from "undici"
import { byHand } from "./byHand.js"

const checked = ({ body, statusCode }: Undici.Dispatcher.ResponseData) => {
  if (statusCode < 200 || statusCode > 299) throw new Error(`status ${statusCode}`)
  return body
}

export const jobs = byHand({
  json: async (method, url, headers, body) => {
    const response = await Undici.request(url, { method, headers, body: body ?? null })
    return JSON.parse(await checked(response).text())
  },
  bytes: async (url, headers) => checked(await Undici.request(url, { headers }))
})
