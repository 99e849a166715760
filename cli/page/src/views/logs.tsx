import { useState } from "preact/hooks"
import type { ShownLog } from "../../../../src/sandbox/control/inspection/shapes.js"
import { query } from "../api.js"
import { sizeText } from "../format.js"
import { useRead } from "../live.js"
import { BackLink, List, type Listed, Panes, pageSize } from "../panes.js"
import { href, type Route } from "../router.js"
import { Badge, Empty, Fact, Time, toneOf } from "../ui.js"
import { MissingItem } from "./message.js"

export const LogsView = ({ route }: { readonly route: Route }) => {
  const [, id] = route.segments
  const [limit, setLimit] = useState(pageSize)
  const read = useRead<Listed<ShownLog>>(`/logs${query({ q: route.q, limit })}`, [
    "email",
    "arrival",
    "delivery",
    "log"
  ])
  const back = href(["logs"], route.q)
  const selected = read.data?.items.find((log) => log.id === id)
  return (
    <Panes
      isBlank={read.data?.total === 0 && route.q === ""}
      list={
        <List
          title="Delivery logs"
          read={read}
          keyOf={(log) => log.id}
          hrefOf={(log) => href(["logs", log.id], route.q)}
          selected={id}
          row={(log) => <LogRow log={log} />}
          limit={limit}
          onMore={() => setLimit(1000)}
          search={{ label: "Search the logs", q: route.q, segments: ["logs"] }}
          empty={
            <Empty icon="logs" title="The logs are empty">
              <p>Each message that is sent or received has an entry here, as in the logs of the API.</p>
            </Empty>
          }
        />
      }
      detail={
        id === undefined ? undefined : selected === undefined ? (
          <MissingItem back={back} backLabel="Logs" error={read.error} isMissing={read.data !== undefined} />
        ) : (
          <Selected log={selected} back={back} />
        )
      }
    />
  )
}

const LogRow = ({ log }: { readonly log: ShownLog }) => (
  <>
    <span class="line">
      <strong>{log.direction === "sent" ? log.to.join(", ") : log.from}</strong>
      <span class="end">
        <Time at={log.at} />
      </span>
    </span>
    <span class="line">
      <span class="subject">{log.subject === "" ? "(no subject)" : log.subject}</span>
      <span class="end">
        <Badge tone={toneOf(log.status)}>{log.status}</Badge>
      </span>
    </span>
    {log.reason === null ? null : <span class="preview">{log.reason}</span>}
  </>
)

const Selected = ({ back, log }: { readonly log: ShownLog; readonly back: string }) => (
  <article class="scroll padded">
    <BackLink to={back} label="Logs" />
    <h2>
      {log.subject === "" ? "(no subject)" : log.subject}{" "}
      <Badge tone={toneOf(log.status)}>{log.status}</Badge>
    </h2>
    <dl class="facts">
      <Fact name="Direction">{log.direction}</Fact>
      <Fact name="From">{log.from}</Fact>
      <Fact name="To">{log.to.join(", ")}</Fact>
      <Fact name="Time">
        <Time at={log.at} />
      </Fact>
      {log.reason === null ? null : <Fact name="Reason">{log.reason}</Fact>}
      {log.provider === null ? null : <Fact name="Provider">{log.provider}</Fact>}
      <Fact name="Size">{sizeText(log.size_bytes)}</Fact>
      <Fact name="Message-ID">{log.message_id}</Fact>
      <Fact name="Log id">{log.id}</Fact>
      {log.email_id === null ? null : (
        <Fact name="Message">
          <a href={href(["outbox", log.email_id])}>Show in the outbox</a>
        </Fact>
      )}
      {log.direction === "received" && log.mailbox_id !== null ? (
        <Fact name="Mailbox">
          <a href={href(["mailboxes", log.mailbox_id])}>Show the mailbox</a>
        </Fact>
      ) : null}
    </dl>
    {log.recipients.length === 0 ? null : (
      <>
        <h3>Recipients</h3>
        <table>
          <thead>
            <tr>
              <th scope="col">Address</th>
              <th scope="col">Type</th>
              <th scope="col">Status</th>
              <th scope="col">Reason</th>
            </tr>
          </thead>
          <tbody>
            {log.recipients.map(({ email, reason, status, type }) => (
              <tr key={`${type} ${email}`}>
                <td>{email}</td>
                <td>{type}</td>
                <td>
                  <Badge tone={toneOf(status)}>{status}</Badge>
                </td>
                <td>{reason}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </>
    )}
  </article>
)
