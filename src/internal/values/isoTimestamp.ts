/**
 * Parses ISO 8601 timestamps.
 */

const digitAt = (text: string, index: number): number => {
  const digit = text.charCodeAt(index) - 48
  return digit >= 0 && digit <= 9 ? digit : Number.NaN
}

const twoDigitsAt = (text: string, index: number): number =>
  digitAt(text, index) * 10 + digitAt(text, index + 1)

/** Days from the epoch to a date of the Gregorian calendar, whose years are counted from March here. */
const daysSinceEpoch = (year: number, month: number, day: number): number => {
  const marchYear = month > 2 ? year : year - 1
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400)
  return marchYear * 365 + leapDays + dayOfYear - 719_468
}

const dash = 45
const colon = 58

/**
 * Milliseconds since the epoch for the form that the API sends, `2026-08-01T10:00:00Z` with or without three digits of
 * milliseconds. `NaN` for any other form, which `Date.parse` may still understand.
 */
const parseUtc = (text: string): number => {
  const withMillis = text.length === 24
  if (!withMillis && text.length !== 20) return Number.NaN
  if (
    text.charCodeAt(4) !== dash ||
    text.charCodeAt(7) !== dash ||
    text[10] !== "T" ||
    text.charCodeAt(13) !== colon ||
    text.charCodeAt(16) !== colon ||
    text[withMillis ? 23 : 19] !== "Z" ||
    (withMillis && text[19] !== ".")
  ) {
    return Number.NaN
  }
  const year = twoDigitsAt(text, 0) * 100 + twoDigitsAt(text, 2)
  const month = twoDigitsAt(text, 5)
  const day = twoDigitsAt(text, 8)
  const hour = twoDigitsAt(text, 11)
  const minute = twoDigitsAt(text, 14)
  const second = twoDigitsAt(text, 17)
  const millis = withMillis ? digitAt(text, 20) * 100 + twoDigitsAt(text, 21) : 0
  // A comparison with NaN is false. Engines disagree about days that a month does not have, so that only days which
  // every month has are computed here.
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= 28 && hour <= 23 && minute <= 59 && second <= 59)) {
    return Number.NaN
  }
  return (
    daysSinceEpoch(year, month, day) * 86_400_000 +
    hour * 3_600_000 +
    minute * 60_000 +
    second * 1_000 +
    millis
  )
}

/** Milliseconds since the epoch, as `Date.parse` returns them, in a fraction of its time. `NaN` for an invalid text. */
export const parseTimestamp = (text: string): number => {
  const millis = parseUtc(text)
  return Number.isNaN(millis) ? Date.parse(text) : millis
}
