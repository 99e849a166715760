import { useState } from "preact/hooks"
import type {
  ShownMailbox,
  StoredMessage,
  StoredSummary
} from "../../../../src/sandbox/control/inspection/shapes.js"
import type { OpenDialog } from "../dialogs/names.js"
import { query } from "../api.js"
import { nameText } from "../format.js"
import { Icon } from "../icons.js"
import { useRead } from "../live.js"
import { List, type Listed, Panes, pageSize } from "../panes.js"
import { go, href, type Route } from "../router.js"
import { Badge, Empty, Fact, Time } from "../ui.js"
import { MessageView, MissingItem } from "./message.js"

export const MailboxesView = ({ open, route }: { readonly route: Route; readonly open: OpenDialog }) => {
  const [, given, id, tab] = route.segments
  const [limit, setLimit] = useState(pageSize)
  const mailboxes = useRead<Listed<ShownMailbox>>("/mailboxes", ["arrival", "draft", "team", "response"])
  const mailbox =
    mailboxes.data?.items.find((known) => known.id === given) ??
    mailboxes.data?.items.find(({ status }) => status !== "deleted")
  const path = mailbox === undefined ? undefined : `/mailboxes/${encodeURIComponent(mailbox.id)}/messages`
  // A response may be that of a call which marked a message as read, or moved it.
  const read = useRead<Listed<StoredSummary>>(path && `${path}${query({ q: route.q, limit })}`, [
    "arrival",
    "draft",
    "response"
  ])
  const segments = mailbox === undefined ? ["mailboxes"] : ["mailboxes", mailbox.id]
  const back = href(segments, route.q)
  return (
    <Panes
      isBlank={read.data?.total === 0 && route.q === ""}
      list={
        <List
          title="Mailboxes"
          read={
            mailboxes.error !== undefined && mailboxes.data === undefined
              ? { ...read, error: mailboxes.error }
              : read
          }
          keyOf={(message) => message.id}
          hrefOf={(message) => href([...segments, message.id], route.q)}
          selected={id}
          row={(message) => <MessageRow message={message} />}
          limit={limit}
          onMore={() => setLimit(1000)}
          search={{ label: "Search this mailbox", q: route.q, segments }}
          head={<MailboxSelect mailboxes={mailboxes.data?.items ?? []} selected={mailbox?.id} />}
          empty={
            <Empty icon="mailboxes" title="The mailbox is empty">
              <p>
                Messages that are sent to {mailbox?.email ?? "a mailbox of the sandbox"} arrive here. You can
                also deliver one from outside:
              </p>
              <button type="button" class="primary" onClick={() => open("deliver")}>
                Deliver mail
              </button>
            </Empty>
          }
        />
      }
      detail={
        id === undefined || path === undefined ? undefined : (
          <Selected
            key={id}
            path={`${path}/${encodeURIComponent(id)}`}
            segments={[...segments, id]}
            tab={tab}
            q={route.q}
            back={back}
          />
        )
      }
    />
  )
}

const MailboxSelect = ({
  mailboxes,
  selected
}: {
  readonly mailboxes: ReadonlyArray<ShownMailbox>
  readonly selected: string | undefined
}) => (
  <select
    aria-label="Mailbox"
    value={selected}
    onChange={(event) => go(href(["mailboxes", event.currentTarget.value]))}
  >
    {mailboxes.map(({ email, id, status, unread_count }) => (
      <option key={id} value={id}>
        {email}
        {unread_count > 0 ? ` (${unread_count} unread)` : ""}
        {status === "active" ? "" : ` (${status})`}
      </option>
    ))}
  </select>
)

const MessageRow = ({ message }: { readonly message: StoredSummary }) => (
  <span class={message.is_unread ? "unread" : undefined}>
    <span class="line">
      <strong>{message.from === null ? "nobody" : nameText(message.from)}</strong>
      {message.attachment_count > 0 ? <Icon name="attachment" /> : null}
      <span class="end">
        <Time at={message.at} />
      </span>
    </span>
    <span class="line">
      <span class="subject">{message.subject === "" ? "(no subject)" : message.subject}</span>
      <span class="end">
        {message.is_draft ? <Badge tone="info">draft</Badge> : null}
        {message.folder === null || message.folder === "Inbox" ? null : <Badge>{message.folder}</Badge>}
      </span>
    </span>
    <span class="preview">{message.preview}</span>
  </span>
)

const Selected = ({
  back,
  path,
  q,
  segments,
  tab
}: {
  readonly path: string
  readonly segments: ReadonlyArray<string>
  readonly tab: string | undefined
  readonly q: string
  readonly back: string
}) => {
  const { data, error, isMissing } = useRead<{ readonly message: StoredMessage }>(path, ["response"])
  if (data === undefined) {
    return <MissingItem back={back} backLabel="Mailbox" error={error} isMissing={isMissing} />
  }
  const { message } = data
  return (
    <MessageView
      message={message}
      path={path}
      segments={segments}
      tab={tab}
      q={q}
      back={back}
      backLabel="Mailbox"
      badges={
        <>
          {message.folder === null ? null : <Badge>{message.folder}</Badge>}
          {message.is_unread ? <Badge tone="info">unread</Badge> : null}
        </>
      }
      facts={
        <>
          <Fact name="Id">{message.id}</Fact>
          <Fact name="Thread">{message.thread_id}</Fact>
        </>
      }
    />
  )
}
