/**
 * The scopes of access tokens, and those that an operation needs.
 *
 * The API documents the scopes of its newer operations. Those of the others are inferred from their names, because a test that
 * finds a missing scope is worth more than one that finds none.
 */
import { type OperationFacts, operationName } from "../../internal/operation/operation.js"

export const allScopes: ReadonlyArray<string> = [
  "analytics.*",
  "analytics.read",
  "billing.*",
  "billing.auto_topup",
  "billing.read",
  "billing.topup",
  "domain.*",
  "domain.create",
  "domain.delete",
  "domain.read",
  "domain.verify",
  "email.receive",
  "email.send",
  "key.*",
  "key.create",
  "key.read",
  "key.revoke",
  "key.rotate",
  "logs.*",
  "logs.read",
  "mailbox.admin.*",
  "mailbox.admin.create",
  "mailbox.admin.delete",
  "mailbox.admin.manage",
  "mailbox.admin.read",
  "mailbox.drafts.write",
  "mailbox.read",
  "mailbox.settings.update",
  "provider.*",
  "provider.create",
  "provider.delete",
  "provider.read",
  "provider.update",
  "routing.*",
  "routing.create",
  "routing.delete",
  "routing.read",
  "routing.update",
  "team.*",
  "team.members.invite",
  "team.members.remove",
  "team.members.roles",
  "team.read",
  "team.update",
  "webhook.*",
  "webhook.create",
  "webhook.delete",
  "webhook.manage",
  "webhook.read",
  "webhook.update"
]

/** Alternatives, each a list of scopes that are all needed. */
type Needs = ReadonlyArray<ReadonlyArray<string>>

const drafts: Needs = [["mailbox.read", "mailbox.drafts.write"]]
const uploads: Needs = [["email.send"], ["mailbox.read", "mailbox.drafts.write"]]
const none: Needs = [[]]

const documented: Readonly<Record<string, Needs>> = {
  "management.connection.get": none,
  "mailbox.connection.get": none,
  "management.mailboxes.getCostUsage": [["mailbox.admin.read"]],
  "management.sendPolicies.get": [["team.read"], ["mailbox.admin.read"], ["key.read"]],
  "management.sendPolicies.replace": [["team.update"], ["mailbox.admin.manage"], ["key.*"]],
  "mailbox.senderChoices.get": [["email.send"]],
  "mailbox.drafts.create": drafts,
  "mailbox.drafts.update": drafts,
  "mailbox.drafts.delete": drafts,
  "mailbox.drafts.send": [["mailbox.read", "email.send"]],
  "mailbox.drafts.schedule": [["mailbox.read", "email.send"]],
  "mailbox.attachments.createUpload": uploads,
  "mailbox.attachments.upload": uploads
}

/** Inferred, where the scope does not follow from the group and the HTTP method. */
const inferred: Readonly<Record<string, Needs>> = {
  "mailbox.messages.send": [["email.send"]],
  "mailbox.mailboxes.list": none,
  "management.domains.verify": [["domain.verify"]],
  "management.emails.getMetrics": [["analytics.read"]],
  "management.mailboxes.createKey": [["key.create"]],
  "management.mailboxes.deleteKey": [["key.revoke"]],
  "management.webhooks.rotateSecret": [["webhook.manage"]],
  "management.webhooks.test": [["webhook.manage"]]
}

const areas: Readonly<Record<string, string>> = {
  billing: "billing",
  domains: "domain",
  emails: "logs",
  inboxes: "logs",
  mailboxes: "mailbox.admin",
  providers: "provider",
  webhooks: "webhook"
}

const actions: Readonly<Record<string, string>> = {
  GET: "read",
  POST: "create",
  DELETE: "delete",
  PATCH: "update",
  PUT: "update"
}

/** The last parts of the scopes of an area that exist. Other changes need `manage`, or else `update`. */
const actionOf = (area: string, action: string): string =>
  [action, "manage", "update", "read"].find((last) => allScopes.includes(`${area}.${last}`)) ?? "*"

const needsOf = (operation: OperationFacts): Needs => {
  const name = operationName(operation)
  const known = documented[name] ?? inferred[name]
  if (known !== undefined) return known
  const [surface, group = ""] = name.split(".")
  if (surface === "sending") return [["email.send"]]
  if (surface === "mailbox") return [["mailbox.read"]]
  const area = areas[group] ?? "team"
  // A POST to a resource that exists already, such as `/mailboxes/{id}/suspend`, changes it.
  const action =
    operation.http === "POST" && operation.path.includes("{") ? "update" : (actions[operation.http] ?? "read")
  return [[`${area}.${actionOf(area, action)}`]]
}

/** Whether a granted scope includes a needed one: it is the same, or a wildcard above it. */
const includes = (granted: string, needed: string): boolean =>
  granted === needed || (granted.endsWith(".*") && needed.startsWith(granted.slice(0, -1)))

/** The scopes that an operation needs, if the granted ones are not enough, in words. */
export const missingScopes = (
  operation: OperationFacts,
  granted: ReadonlyArray<string>
): string | undefined => {
  const needs = needsOf(operation)
  const isEnough = needs.some((all) =>
    all.every((needed) => granted.some((scope) => includes(scope, needed)))
  )
  return isEnough ? undefined : needs.map((all) => all.join(" and ")).join(", or ")
}
