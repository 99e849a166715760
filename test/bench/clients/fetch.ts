import { byHand } from "./byHand.js"

const checked = (response: Response): Response => {
  if (!response.ok) throw new Error(`status ${response.status}`)
  return response
}

const chunksOf = async function* (body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    // Ends the request when the consumer stops early.
    await reader.cancel()
  }
}

export const jobs = byHand({
  json: async (method, url, headers, body) => {
    const response = await fetch(url, body === undefined ? { method, headers } : { method, headers, body })
    return JSON.parse(await checked(response).text())
  },
  bytes: async (url, headers) => {
    const { body } = checked(await fetch(url, { headers }))
    if (body === null) throw new Error("the response has no body")
    return chunksOf(body)
  }
})
