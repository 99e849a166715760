/**
 * Prices.
 */

/** The price of one message in millionths of a dollar. */
export const pricePerMessage = 400

/** Formats an amount in millionths as a decimal. */
export const money = (millionths: number): string => (millionths / 1_000_000).toFixed(6)
