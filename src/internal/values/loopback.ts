/**
 * Recognizes loopback URLs.
 */

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

/** Returns whether a URL is valid and its host is the local machine. */
export const isLoopback = (url: string): boolean => URL.canParse(url) && loopback.test(new URL(url).hostname)
