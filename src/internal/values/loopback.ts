/**
 * Addresses that lead nowhere but to this machine.
 */

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

export const isLoopback = (url: string): boolean => URL.canParse(url) && loopback.test(new URL(url).hostname)
