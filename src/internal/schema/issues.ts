/**
 * Issues of a schema as text.
 */
import type { Issue } from "../dialect/schema.js"

/** One line for each issue: its path and what is wrong. */
export const formatIssues = (issues: ReadonlyArray<Issue>): string =>
  issues.map(({ path, message }) => (path === "" ? message : `${path} ${message}`)).join("\n")
