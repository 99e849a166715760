/**
 * Limits of the API that several surfaces share.
 */

/** The maximum size of a message with its attachments, in bytes: 25 MiB. */
export const maxMessageBytes = 26_214_400
