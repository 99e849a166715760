/**
 * The ids of messages in inputs.
 */
import { headerInsteadOfId, isMessageIdHeader } from "../internal/values/messageIds.js"
import { Checked, Text } from "../internal/schema/schema.js"

/** The id of a message in the API, and not its `Message-ID` header. */
export const messageId = (max?: number) =>
  Checked(Text({ min: 1, ...(max === undefined ? {} : { max }) }), (id) =>
    isMessageIdHeader(id) ? headerInsteadOfId : undefined
  )
