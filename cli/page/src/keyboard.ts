/**
 * The keys that work everywhere on the page, except while something is typed.
 */
import { go } from "./router.js"

export const views = ["outbox", "mailboxes", "logs", "webhooks", "requests", "faults", "domains"] as const

export type View = (typeof views)[number]

export const keys: ReadonlyArray<readonly [keys: string, meaning: string]> = [
  ["j / k", "Next or previous item of the list"],
  ["Enter", "Open the item"],
  ["/", "Search"],
  ["Esc", "Close what is open, or go back to the list"],
  ["1 – 7", "Outbox, mailboxes, logs, webhooks, requests, faults, domains"],
  ["d", "Deliver a message to a mailbox"],
  ["t", "Advance the time"],
  ["f", "Inject a fault"],
  ["?", "Show these keys"]
]

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName))

/** Moves by one row. If an item is open, the next one is opened. */
const move = (step: 1 | -1): void => {
  const rows = [...document.querySelectorAll<HTMLAnchorElement>("a[data-row]")]
  const focused =
    document.activeElement instanceof HTMLAnchorElement ? rows.indexOf(document.activeElement) : -1
  const current =
    focused === -1 ? rows.findIndex((row) => row.getAttribute("aria-current") === "true") : focused
  const next = current === -1 ? rows[0] : rows[Math.min(Math.max(current + step, 0), rows.length - 1)]
  if (next === undefined) return
  next.focus()
  next.scrollIntoView({ block: "nearest" })
  if (document.querySelector("a[data-back]") !== null) go(next.getAttribute("href") ?? "", { replace: true })
}

const back = (): void => document.querySelector<HTMLAnchorElement>("a[data-back]")?.click()

export const listenToKeys = (open: (dialog: "deliver" | "time" | "fault" | "help") => void): (() => void) => {
  const listener = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
    // The browser closes a dialog with Escape.
    if (document.querySelector("dialog[open]") !== null) return
    const { key, target } = event
    if (isTyping(target)) {
      if (key === "Escape" && target instanceof HTMLElement) target.blur()
      return
    }
    const view = views[Number(key) - 1]
    if (view !== undefined) go(`#/${view}`)
    else if (key === "j") move(1)
    else if (key === "k") move(-1)
    else if (key === "Escape") back()
    else if (key === "/") document.querySelector<HTMLInputElement>("input[data-search]")?.focus()
    else if (key === "d") open("deliver")
    else if (key === "t") open("time")
    else if (key === "f") open("fault")
    else if (key === "?") open("help")
    else return
    event.preventDefault()
  }
  window.addEventListener("keydown", listener)
  return () => window.removeEventListener("keydown", listener)
}
