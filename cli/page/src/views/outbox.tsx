import { useState } from "preact/hooks"
import type { SentMessage, SentSummary } from "../../../../src/sandbox/control/inspection/shapes.js"
import { query, send } from "../api.js"
import { nameText } from "../format.js"
import { Icon } from "../icons.js"
import { useRead } from "../live.js"
import { List, type Listed, Panes, pageSize } from "../panes.js"
import { href, type Route } from "../router.js"
import { Badge, Code, Empty, Fact, Problem, Time, toneOf, useAction } from "../ui.js"
import { MessageView, MissingItem } from "./message.js"

/** A request that sends the first message. */
const firstMessage = () => `curl ${location.origin}/sending/api/v1/emails/send \\
  -H 'Authorization: Bearer smx_mbx_sandbox' \\
  -H 'Content-Type: application/json' \\
  -d '{
    "from": { "email": "agent@sandbox.test" },
    "to": { "email": "ada@example.com" },
    "subject": "Hello",
    "html_body": "<p>Hello Ada</p>"
  }'`

export const OutboxView = ({
  notify,
  route
}: {
  readonly route: Route
  readonly notify: (text: string) => void
}) => {
  const [, id, tab] = route.segments
  const [limit, setLimit] = useState(pageSize)
  const read = useRead<Listed<SentSummary>>(`/recent/emails${query({ q: route.q, limit })}`, [
    "email",
    "delivery"
  ])
  const back = href(["outbox"], route.q)
  return (
    <Panes
      isBlank={read.data?.total === 0 && route.q === ""}
      list={
        <List
          title="Outbox"
          read={read}
          keyOf={(email) => email.id}
          hrefOf={(email) => href(["outbox", email.id], route.q)}
          selected={id}
          row={(email) => <EmailRow email={email} />}
          limit={limit}
          onMore={() => setLimit(1000)}
          search={{ label: "Search sent messages", q: route.q, segments: ["outbox"] }}
          empty={
            <Empty icon="outbox" title="No message was sent yet">
              <p>
                Messages that your program sends appear here. They never leave this machine. Send the first
                one:
              </p>
              <Code text={firstMessage()} label="command" />
            </Empty>
          }
        />
      }
      detail={
        id === undefined ? undefined : (
          <Selected key={id} id={id} tab={tab} q={route.q} back={back} notify={notify} />
        )
      }
    />
  )
}

const EmailRow = ({ email }: { readonly email: SentSummary }) => (
  <>
    <span class="line">
      <strong>{email.to.length === 0 ? "nobody" : email.to.map(nameText).join(", ")}</strong>
      {email.attachment_count > 0 ? <Icon name="attachment" /> : null}
      <span class="end">
        <Time at={email.at} />
      </span>
    </span>
    <span class="line">
      <span class="subject">{email.subject === "" ? "(no subject)" : email.subject}</span>
      {email.status === null || email.status === "sent" ? null : (
        <span class="end">
          <Badge tone={toneOf(email.status)}>{email.status}</Badge>
        </span>
      )}
    </span>
    <span class="preview">{email.preview}</span>
  </>
)

const Selected = ({
  back,
  id,
  notify,
  q,
  tab
}: {
  readonly id: string
  readonly tab: string | undefined
  readonly q: string
  readonly back: string
  readonly notify: (text: string) => void
}) => {
  const path = `/outbox/${encodeURIComponent(id)}`
  const { data, error, isMissing } = useRead<{ readonly email: SentMessage }>(path, ["delivery", "email"])
  if (data === undefined) {
    return <MissingItem back={back} backLabel="Outbox" error={error} isMissing={isMissing} />
  }
  const { email } = data
  return (
    <MessageView
      message={email}
      path={path}
      segments={["outbox", id]}
      tab={tab}
      q={q}
      back={back}
      backLabel="Outbox"
      badges={
        <>
          {email.status === null ? null : <Badge tone={toneOf(email.status)}>{email.status}</Badge>}
          <Badge>{email.via === "sending" ? "Sending" : "Mailbox"}</Badge>
        </>
      }
      actions={<Outcomes email={email} notify={notify} />}
      facts={
        <>
          <Fact name="Id">{email.id}</Fact>
          {email.idempotency_key === null ? null : (
            <Fact name="Idempotency key">{email.idempotency_key}</Fact>
          )}
          {email.recipients.map(({ email: recipient, reason, status, type }) => (
            <Fact key={`${type} ${recipient}`} name={`Recipient (${type})`}>
              {recipient} <Badge tone={toneOf(status)}>{status}</Badge> {reason}
            </Fact>
          ))}
        </>
      }
    />
  )
}

const outcomes = [
  ["delivered", "Delivered"],
  ["bounced", "Bounce"],
  ["complained", "Complaint"],
  ["delayed", "Delay"],
  ["rejected", "Reject"]
] as const

/** The buttons for what becomes of a message after it was sent. */
const Outcomes = ({
  email,
  notify
}: {
  readonly email: SentMessage
  readonly notify: (text: string) => void
}) => {
  const recipients = [...email.to, ...email.cc, ...email.bcc].map((recipient) => recipient.email)
  const [chosen, setChosen] = useState(recipients[0] ?? "")
  const { error, isRunning, run } = useAction()
  const report = (outcome: string) =>
    run(async () => {
      await send("POST", `/outbox/${encodeURIComponent(email.id)}/outcome`, { outcome, recipient: chosen })
      notify(`The sandbox reports “${outcome}” for ${chosen} to logs and webhooks.`)
    })
  return (
    <fieldset class="outcomes" disabled={isRunning}>
      <legend>Report an outcome</legend>
      {recipients.length > 1 ? (
        <select
          aria-label="Recipient"
          value={chosen}
          onChange={(event) => setChosen(event.currentTarget.value)}
        >
          {recipients.map((recipient) => (
            <option key={recipient}>{recipient}</option>
          ))}
        </select>
      ) : null}
      {outcomes.map(([outcome, label]) => (
        <button key={outcome} type="button" onClick={() => report(outcome)}>
          {label}
        </button>
      ))}
      {error === undefined ? null : <Problem message={error} />}
    </fieldset>
  )
}
