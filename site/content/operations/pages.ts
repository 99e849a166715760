/** Makes the pages of the operations: one for each group, such as `mailbox.messages`. */
import { allOperations } from "../../../src/testing/operations.js"
import { defaultBaseUrl as mailboxUrl } from "../../../src/Mailbox.js"
import { defaultBaseUrl as managementUrl } from "../../../src/Management.js"
import { defaultBaseUrl as sendingUrl } from "../../../src/Sending.js"
import type { PageOfName } from "../names.js"
import { writePage } from "../repository.js"
import { errorsOf } from "./errors.js"
import { exampleOf } from "./examples.js"
import { fieldsOf, inputOf } from "./fields.js"
import { limitsOf } from "./limits.js"
import { type Method, type Operation, readSource, type Source, serviceOf } from "./source.js"

const baseUrls = { sending: sendingUrl, mailbox: mailboxUrl, management: managementUrl }

const surfaces = ["sending", "mailbox", "management"] as const

/** What a flag of an operation means, with the guide that explains it. */
const flagTexts: Readonly<Record<string, readonly [label: string, guide: string]>> = {
  idempotencyKey: ["idempotency key", "errors-and-retries"],
  ifMatch: ["If-Match", "conditional-requests"],
  conditional: ["ETag", "conditional-requests"],
  paginated: ["paginated", "reading-a-mailbox"],
  mailboxId: ["mailbox id", "reading-a-mailbox"],
  range: ["range", "mailbox-attachments"],
  bytes: ["stream of bytes", "mailbox-attachments"],
  events: ["stream of events", "live-events-and-sync"],
  text: ["text", "domains-and-mailboxes"]
}

export const flagsOf = (operation: Operation): ReadonlyArray<string> =>
  Object.keys(flagTexts).filter((flag) => flag in operation.flags)

/** The anchor of an operation on the page of its group. */
export const anchorOf = (operation: Operation): string => operation.method.toLowerCase()

export const operationPage = ({ group, surface }: Operation): string => `operations/${surface}/${group}.md`

export const labelsOf = (operation: Operation): ReadonlyArray<string> =>
  flagsOf(operation).map((flag) => flagTexts[flag]?.[0] ?? flag)

const groups = (): ReadonlyArray<ReadonlyArray<Operation>> =>
  surfaces.flatMap((surface) => {
    const own = allOperations.filter((operation) => operation.surface === surface)
    const names = [...new Set(own.map(({ group }) => group))].sort()
    return names.map((name) => own.filter(({ group }) => group === name))
  })

const cell = (text: string): string => text.replace(/\s+/g, " ").replaceAll("|", "\\|")

/** Inline code in a cell of a table. */
const code = (text: string): string => `\`${cell(text)}\``

/** The declared type of a method, whose public names are links. */
const signature = (declared: string, linkOf: PageOfName, surface: string): string => {
  const names = [...new Set(declared.match(/\b[A-Z]\w+\b/g) ?? [])]
  const links = names.flatMap((name) => {
    const page = linkOf(name, surface)
    return page === undefined ? [] : [`[\`${name}\`](../../${page})`]
  })
  const text = declared.replace(/< \[/g, "<[").replace(/ >$/g, ">")
  return `\`\`\`ts\n${text}\n\`\`\`\n\n${links.length === 0 ? "" : `Types: ${links.join(", ")}.\n\n`}`
}

const badges = (operation: Operation): string =>
  flagsOf(operation)
    .map((flag) => {
      const [label = "", guide = ""] = flagTexts[flag] ?? []
      return `[${label}](../../guides/${guide}.md){.flag}`
    })
    .concat(operation.authenticated ? [] : ["*no credential*{.flag}"])
    .join(" ")

const retryText = ({ flags, http, replayable }: Operation): string =>
  "idempotencyKey" in flags
    ? "Retried with its idempotency key."
    : replayable
      ? http === "GET" || http === "DELETE"
        ? "Retried after transient failures."
        : "Safe to repeat, and retried after transient failures."
      : "Retried only if the server certainly did not run it."

/** The entry of an operation. */
export const section = (source: Source, method: Method, linkOf: PageOfName): string => {
  const { operation } = method
  const { surface } = operation
  const fields = fieldsOf(source.checker, method)
  const input = inputOf(method)
  const limits = limitsOf(method, fields)
  const anchor = anchorOf(operation)
  const example = method.example ?? exampleOf(source.checker, method)
  const owner = linkOf(method.owner, surface)
  return [
    `## ${operation.group}.${operation.method} {#${anchor}}\n`,
    `\`${operation.http}\`{.verb .${operation.http.toLowerCase()}} \`${operation.path}\` ${badges(operation)}\n`,
    `${method.description}\n`,
    ...method.see.map((text) => `See: ${text}\n`),
    `### Call {#${anchor}-call}\n`,
    `\`${surface}.${operation.group}.${operation.method}\`${owner === undefined ? "" : ` of [\`${method.owner}\`](../../${owner})`}. ${retryText(operation)}\n`,
    signature(method.declared, linkOf, surface),
    ...(fields.length === 0 || input === undefined
      ? []
      : [
          `### Input {#${anchor}-input}\n`,
          "| Field | Type | Required | Description |\n|---|---|---|---|",
          ...fields.map(
            ({ description, isRequired, name, type }) =>
              `| ${code(name)} | ${code(type)} | ${isRequired ? "yes" : ""} | ${cell(description)} |`
          ),
          ""
        ]),
    `### Errors {#${anchor}-errors}\n`,
    "| Code | Status | Meaning |\n|---|---|---|",
    ...(operation.input !== undefined || operation.idCount > 0
      ? ["| `InvalidRequestError` | none | The SDK found the arguments invalid, and sent nothing. |"]
      : []),
    ...errorsOf(method).map(({ code: name, meaning, status }) => `| \`${name}\` | ${status} | ${meaning} |`),
    "",
    `### Limits {#${anchor}-limits}\n`,
    ...(limits.length === 0
      ? [
          "The operation has no limits of its own. Its requests count towards the rate limit of the credential.\n"
        ]
      : [...limits.map((limit) => `- ${limit}`), ""]),
    `### Example {#${anchor}-example}\n`,
    `\`\`\`ts\n${example}\n\`\`\`\n`
  ].join("\n")
}

const page = (source: Source, operations: ReadonlyArray<Operation>, linkOf: PageOfName): string => {
  const [first] = operations
  if (first === undefined) throw new Error("A group has no operations")
  const { group, surface } = first
  const methods = source.methods.filter(({ operation }) => operations.includes(operation))
  const rows = operations.map(
    (it) => `| [\`${it.group}.${it.method}\`](#${anchorOf(it)}) | \`${it.http}\` | \`${it.path}\` |`
  )
  return `---
outline: 2
---

# ${surface}.${group}

The operations of \`${group}\` in the service [\`${serviceOf(first)}\`](../../${linkOf(serviceOf(first), surface)}), whose base URL is
\`${baseUrls[surface]}\`. Besides the errors that each operation lists, every call can fail with \`TransportError\`,
\`ResponseDecodeError\`, and inside of a deadline with \`DeadlineExceededError\`:
[Errors and retries](../../guides/errors-and-retries.md).

| Method | HTTP | Path |
|---|---|---|
${rows.join("\n")}

${methods.map((method) => section(source, method, linkOf)).join("\n")}`
}

const summaryOf = ({ description }: Method): string =>
  cell((description.split(/(?<=[.:])\s/)[0] ?? "").replace(/:$/, ".").replace(/([^.])$/, "$1."))

const index = (source: Source): string => {
  const parts = surfaces.map((surface) => {
    const methods = source.methods.filter(({ operation }) => operation.surface === surface)
    const rows = [...methods]
      .sort((one, other) =>
        one.operation.group < other.operation.group ? -1 : one.operation.group > other.operation.group ? 1 : 0
      )
      .map((method) => {
        const { operation } = method
        const link = `./${surface}/${operation.group}.md#${anchorOf(operation)}`
        return `| [\`${operation.group}.${operation.method}\`](${link}) | \`${operation.http} ${operation.path}\` | ${summaryOf(method)} |`
      })
    const title = surface.slice(0, 1).toUpperCase() + surface.slice(1)
    return `## ${title}\n\nBase URL: \`${baseUrls[surface]}\`\n\n| Method | API | Content |\n|---|---|---|\n${rows.join("\n")}\n`
  })
  return `# Operations

The ${allOperations.length} operations of the API, with the method that calls each of them, its errors, its limits and an
example. [Reference](../reference/index.md) has all public names, including the methods that combine several operations.

The examples import Effect 3. With Effect 4, import from \`effect-sendmux/v4/Sending\` instead of \`effect-sendmux/Sending\`, and
so on: [Effect 3 and Effect 4](../guides/effect-4.md).

${parts.join("\n")}`
}

/** Writes the pages of all operations. `linkOf` finds the page of a public name in the reference. */
export const writeOperations = (linkOf: PageOfName): void => {
  const source = readSource()
  for (const operations of groups()) {
    const [first] = operations
    if (first !== undefined) writePage(operationPage(first), page(source, operations, linkOf))
  }
  writePage("operations/index.md", index(source))
}
