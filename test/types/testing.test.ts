import { expect, it } from "vitest"
import * as Testing from "../../src/Testing.js"

it("types the replies of a mock by their operation", () => {
  const replies = (given: Testing.MockReplies) => given
  replies({
    "management.domains.delete": Testing.ok({ deleted: true, id: "mdom_1" }),
    "sending.emails.send": ({ input }) =>
      Testing.ok({ message_id: `eml_${input.subject.length}`, status: "queued" }),
    "mailbox.attachments.download": ({ ids: [message, attachment] }) =>
      Testing.ok(new TextEncoder().encode(`${message} ${attachment}`))
  })
  // @ts-expect-error the name is misspelled
  replies({ "management.domain.delete": Testing.ok({ deleted: true, id: "mdom_1" }) })
  // @ts-expect-error the id is a string
  replies({ "management.domains.delete": Testing.ok({ deleted: true, id: 1 }) })
  // @ts-expect-error a download has bytes
  replies({ "mailbox.attachments.download": Testing.ok("text") })
  expect(typeof replies).toBe("function")
})

it("types arbitrary values by their operation", () => {
  const domain: Testing.DataOf<"management.domains.delete"> = { deleted: true, id: "mdom_1" }
  expect(domain.id).toBe("mdom_1")
  // @ts-expect-error there is no such operation
  expect(() => Testing.arbitrary("management.domains.nothing")).toThrow("has no schema")
})
