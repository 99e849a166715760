/** Cursors of lists, as a client without the SDK sees them. */
import { expect, it } from "vitest"
import { onSandbox, type Plain } from "./plain.js"

interface Item {
  readonly id: string
}

const send = async (api: Plain, count: number): Promise<void> => {
  for (let index = 0; index < count; index++) {
    await api.sending("POST /emails/send", {
      body: {
        from: { email: "hello@example.com" },
        to: { email: "ada@example.com" },
        subject: `Message ${index}`,
        html_body: "<p>Hi</p>"
      }
    })
  }
}

/** Reads all pages of the delivery log. `between` runs after the first page. */
const readAll = async (
  api: Plain,
  query: string,
  between: () => Promise<void> = () => Promise.resolve()
): Promise<ReadonlyArray<ReadonlyArray<string>>> => {
  const pages: Array<ReadonlyArray<string>> = []
  for (let cursor = ""; ; ) {
    const { json, status } = await api.management(`GET /emails/logs?${query}${cursor}`)
    expect(status).toBe(200)
    pages.push(json.data.map(({ id }: Item) => id))
    if (pages.length === 1) await between()
    const { has_more, next_cursor } = json.pagination
    if (!has_more) {
      expect(json.pagination).toEqual({ has_more: false })
      return pages
    }
    expect(next_cursor).toMatch(/./)
    cursor = `&cursor=${encodeURIComponent(next_cursor)}`
  }
}

it(
  "pages of every size contain each item once, in the same order, and the last one has no cursor",
  onSandbox(async (api) => {
    await send(api, 7)
    const all = (await readAll(api, "limit=100")).flat()
    expect(new Set(all).size).toBe(7)
    for (const [limit, sizes] of [
      [1, [1, 1, 1, 1, 1, 1, 1]],
      [3, [3, 3, 1]],
      [7, [7]]
    ] as const) {
      const pages = await readAll(api, `limit=${limit}`)
      expect(pages.flat()).toEqual(all)
      expect(pages.map(({ length }) => length)).toEqual(sizes)
    }
  })
)

it(
  "items that are added between two pages neither repeat nor hide an item",
  onSandbox(async (api) => {
    await send(api, 5)
    const before = (await readAll(api, "limit=100")).flat()
    const read = (await readAll(api, "limit=2", () => send(api, 3))).flat()
    expect(read.filter((id) => before.includes(id))).toEqual(before)
    expect(new Set(read).size).toBe(read.length)
  })
)

it(
  "a cursor of a list with other filters, or one that is no cursor, is an invalid parameter",
  onSandbox(async (api) => {
    await send(api, 2)
    for (const cursor of ["nonsense", "%00", "1", "eyJ9"]) {
      const { json, status } = await api.management(`GET /emails/logs?cursor=${cursor}`)
      expect(status, cursor).toBe(400)
      expect(json.error).toMatchObject({ code: "invalid_parameter", param: "cursor", retryable: false })
    }
    const { next_cursor } = (await api.management("GET /emails/logs?limit=1")).json.pagination
    const other = await api.management(
      `GET /emails/logs?status=sent&cursor=${encodeURIComponent(next_cursor)}`
    )
    expect(other.status).toBe(400)
  })
)

it(
  "a page has 1 to 100 items",
  onSandbox(async (api) => {
    for (const limit of ["0", "101", "-1", "1.5", "x", ""]) {
      const { json, status } = await api.management(`GET /emails/logs?limit=${limit}`)
      expect(status, limit).toBe(400)
      expect(json.error).toMatchObject({ code: "invalid_parameter", param: "limit" })
    }
    expect((await api.management("GET /emails/logs?limit=100")).status).toBe(200)
  })
)
