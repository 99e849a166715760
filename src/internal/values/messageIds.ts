/**
 * The two kinds of ids of a message.
 */

/** Whether a text is a `Message-ID` header, which no id of the API is. */
export const isMessageIdHeader = (id: string): boolean => /^\s*<[^<>]*@[^<>]*>\s*$/.test(id)

/** What is wrong with a `Message-ID` header where the API takes its own id, and how to find that one. */
export const headerInsteadOfId =
  'must be an id of the API, and is a Message-ID header: pass data.message.id of an event, or find the message with messages.list({ header_name: "Message-ID", header_value })'
