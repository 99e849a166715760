/**
 * The records of mailboxes: how they are found and shown, and whether an address is available.
 */
import { fail, found } from "../../exchange.js"
import { iso, type MailboxRecord, type Team } from "../../state/team.js"

const reservedNames: ReadonlySet<string> = new Set(["postmaster", "abuse", "mailer-daemon"])
const address = /^[^\s@]+@[^\s@]+\.[^\s@]+$/

/** Returns a mailbox that is not deleted. */
export const findMailbox = (team: Team, id: string): MailboxRecord => {
  const record = found(team.mailboxes.get(id), "mailbox")
  return record.status === "deleted" ? fail("not_found", "The mailbox was deleted") : record
}

export const showMailbox = (record: MailboxRecord) => ({
  id: record.id,
  email: record.email,
  display_name: record.display_name,
  status: record.status,
  quota_bytes: record.quota_bytes,
  send_scope: record.send_scope,
  created_at: iso(record.createdAt)
})

/** Whether an address is available for a new mailbox, or the reason why it is not. */
export type Availability =
  | "available"
  | "invalid_email"
  | "domain_not_available"
  | "reserved"
  | "taken"
  | "cleanup_pending"

export const availabilityOf = (team: Team, email: string): Availability => {
  if (!address.test(email)) return "invalid_email"
  const [name = "", domainName = ""] = email.split("@")
  const domain = [...team.domains.values()].find((known) => known.domain === domainName)
  if (domain?.verifiedAt === undefined || domain.mode !== "send_receive") return "domain_not_available"
  if (reservedNames.has(name)) return "reserved"
  const owner = [...team.mailboxes.values()].find((mailbox) => mailbox.email === email)
  if (owner === undefined) return "available"
  return owner.status === "deleted" ? "cleanup_pending" : "taken"
}
