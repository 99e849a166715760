/**
 * The version of this package, for example for a support request. `npm version` writes it, and a test compares it with
 * `package.json`.
 *
 * @since 0.2.0
 * @category constants
 */
export const version = "0.1.0"
