/**
 * The browser of the tests.
 */

export const chromiumPath = process.env["SENDMUX_TEST_CHROMIUM"] ?? "/usr/bin/chromium"

/** Flags that keep it from sending requests of its own. */
export const chromiumFlags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run"
]
