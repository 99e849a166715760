/**
 * The recipients of the example. An application reads them from its database.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Audience } from "./workflow.js"

/** The number of parts that the recipients are distributed to. */
export const parts = 4

const pagesOfPart = 5
const pageSize = 100

/** In an application this reads a table, whose rows it distributes to the parts by a digest of their id. */
export const audience = Layer.succeed(Audience, {
  page: (_, part, page) =>
    Effect.succeed(
      Array.from({ length: page < pagesOfPart ? pageSize : 0 }, (_, index) => {
        const id = `reader-${part}-${page * pageSize + index}`
        return {
          id,
          email: {
            from: { email: "news@example.com" },
            to: { email: `${id}@example.org` },
            subject: "News",
            html_body: "<p>There is news.</p>"
          }
        }
      })
    )
})
