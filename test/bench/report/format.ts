import type { Value } from "../harness/stats.js"

export const kilobytes = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KB`

export const megabytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MB`

export const millis = (value: number): string => `${value.toFixed(0)} ms`

/** Microseconds, with a decimal where they are few. */
export const micros = (value: number): string =>
  value < 100 ? `${value.toFixed(1)} µs` : `${Math.round(value).toLocaleString("en")} µs`

export const thousands = (value: number): string => Math.round(value).toLocaleString("en")

/** A ratio with its spread. */
export const ratio = ({ max, median, min }: Value): string =>
  min === max ? median.toFixed(2) : `${median.toFixed(2)} (${min.toFixed(2)}–${max.toFixed(2)})`
