/**
 * Texts for times, sizes and addresses.
 */
import type { ShownAddress } from "../../../src/sandbox/control/inspection/shapes.js"

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" })
const dayAndClock = new Intl.DateTimeFormat(undefined, {
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit"
})
const complete = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" })

/** A time of the last hours as a time of day, and any other with its day. */
export const shortTime = (iso: string): string => {
  const date = new Date(iso)
  const age = Math.abs(Date.now() - date.getTime())
  return age < 12 * 3_600_000 ? clock.format(date) : dayAndClock.format(date)
}

export const longTime = (iso: string): string => complete.format(new Date(iso))

export const sizeText = (bytes: number): string => {
  if (bytes < 1000) return `${bytes} B`
  const [value, unit] = bytes < 1_000_000 ? [bytes / 1000, "kB"] : [bytes / 1_000_000, "MB"]
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`
}

export const addressText = ({ email, name }: ShownAddress): string =>
  name === null || name === "" ? email : `${name} <${email}>`

export const nameText = ({ email, name }: ShownAddress): string =>
  name === null || name === "" ? email : name

export const count = (number: number, one: string, many = `${one}s`): string =>
  `${number.toLocaleString()} ${number === 1 ? one : many}`

export const durationText = (millis: number): string => {
  const sign = millis < 0 ? "-" : "+"
  const seconds = Math.round(Math.abs(millis) / 1000)
  const parts = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [seconds % 60, "s"]
  ] as const
  const shown = parts.filter(([value]) => value > 0).slice(0, 2)
  return shown.length === 0 ? "+0 s" : `${sign}${shown.map(([value, unit]) => `${value} ${unit}`).join(" ")}`
}

/** JSON with line breaks. Any other text stays as it is. */
export const prettyJson = (text: string): string => {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
