import { useState } from "preact/hooks"
import type {
  RequestSummary,
  ShownBody,
  ShownRequest
} from "../../../../src/sandbox/control/inspection/shapes.js"
import { query } from "../api.js"
import { prettyJson, sizeText } from "../format.js"
import { faultTexts } from "../faultKinds.js"
import { Icon } from "../icons.js"
import { useRead } from "../live.js"
import { BackLink, List, type Listed, Panes, pageSize } from "../panes.js"
import { href, type Route } from "../router.js"
import { Badge, Code, CopyButton, Empty, Fact, Time, toneOfStatus } from "../ui.js"
import { MissingItem } from "./message.js"

const firstRequest = () =>
  `curl ${location.origin}/sending/api/v1/me -H 'Authorization: Bearer smx_mbx_sandbox'`

export const RequestsView = ({ route }: { readonly route: Route }) => {
  const [, id] = route.segments
  const [limit, setLimit] = useState(pageSize)
  const read = useRead<Listed<RequestSummary>>(`/recent/requests${query({ q: route.q, limit })}`, [
    "request",
    "response"
  ])
  const back = href(["requests"], route.q)
  return (
    <Panes
      isBlank={read.data?.total === 0 && route.q === ""}
      list={
        <List
          title="Requests"
          read={read}
          keyOf={(request) => request.id}
          hrefOf={(request) => href(["requests", request.id], route.q)}
          selected={id}
          row={(request) => <RequestRow request={request} />}
          limit={limit}
          onMore={() => setLimit(1000)}
          search={{ label: "Search operations, paths and status", q: route.q, segments: ["requests"] }}
          empty={
            <Empty icon="requests" title="No request has arrived yet">
              <p>Point your program at {location.origin}, or try it with curl:</p>
              <Code text={firstRequest()} label="command" />
            </Empty>
          }
        />
      }
      detail={id === undefined ? undefined : <Selected key={id} id={id} back={back} />}
    />
  )
}

/** The status of a response, or why there is none. */
const StatusBadge = ({ request }: { readonly request: RequestSummary }) => (
  <Badge tone={toneOfStatus(request.status)}>
    {request.status === null ? "no response" : request.status === 0 ? "broken" : request.status}
  </Badge>
)

const RequestRow = ({ request }: { readonly request: RequestSummary }) => (
  <>
    <span class="line">
      <strong>{request.operation ?? "unknown operation"}</strong>
      {request.fault === null ? null : (
        <span class="fault" title={`A fault was applied: ${request.fault.kind}`}>
          <Icon name="faults" />
        </span>
      )}
      <span class="end">
        {" "}
        <StatusBadge request={request} />
        <Time at={request.at} />
      </span>
    </span>
    <span class="preview mono">
      {request.method} {request.path}
      {request.query === "" ? "" : `?${request.query}`}
    </span>
  </>
)

/** A command that repeats a request. The key is not kept, so the command has that of the sandbox. */
const curlOf = ({ method, path, query, request }: ShownRequest): string => {
  const key =
    path.startsWith("/app/api/v1/mailbox") || path.startsWith("/sending")
      ? "smx_mbx_sandbox"
      : "smx_root_sandbox"
  const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`
  const kept = Object.entries(request.headers).filter(([name]) =>
    ["content-type", "idempotency-key", "if-match", "if-none-match"].includes(name)
  )
  return [
    `curl -X ${method} ${quoted(`${location.origin}${path}${query === "" ? "" : `?${query}`}`)}`,
    `-H 'Authorization: Bearer ${key}'`,
    ...kept.map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...(request.body?.text === null || request.body?.text === undefined || request.body.text === ""
      ? []
      : [`-d ${quoted(request.body.text)}`])
  ].join(" \\\n  ")
}

const Selected = ({ back, id }: { readonly id: string; readonly back: string }) => {
  const { data, error, isMissing } = useRead<{ readonly request: ShownRequest }>(
    `/requests/${encodeURIComponent(id)}`,
    ["response"]
  )
  if (data === undefined) {
    return <MissingItem back={back} backLabel="Requests" error={error} isMissing={isMissing} />
  }
  const { request } = data
  return (
    <article class="scroll padded">
      <BackLink to={back} label="Requests" />
      <h2>
        {request.operation ?? "Unknown operation"} <StatusBadge request={request} />
      </h2>
      <p class="target mono">
        {request.method} {request.path}
        {request.query === "" ? "" : `?${request.query}`}
        <CopyButton text={curlOf(request)} label="Copy as curl command" />
      </p>
      {request.fault === null ? null : (
        <p class="why">
          <Icon name="faults" />
          <span>
            <strong>{request.fault.kind}</strong> was applied:{" "}
            {faultTexts[request.fault.kind] ?? "a fault of this kind."} It is the injected fault{" "}
            {request.fault.id}.
          </span>
        </p>
      )}
      {request.status === null ? (
        <p class="why">
          <Icon name="clock" />
          <span>There is no response yet, or the client closed the connection before it was sent.</span>
        </p>
      ) : null}
      {request.operation === null ? (
        <p class="why">
          <Icon name="search" />
          <span>The API has no operation with this method and path.</span>
        </p>
      ) : null}
      <h3>Request</h3>
      <Headers headers={request.request.headers} at={request.at} id={request.id} />
      <Body body={request.request.body} label="request body" isKept={request.is_kept} />
      <h3>Response</h3>
      {request.response === null ? (
        <p class="nothing">{request.is_kept ? "No response was sent." : "It is not kept any more."}</p>
      ) : (
        <>
          <Headers headers={request.response.headers} />
          <Body body={request.response.body} label="response body" isKept={request.is_kept} />
        </>
      )}
    </article>
  )
}

const Headers = ({
  at,
  headers,
  id
}: {
  readonly headers: Readonly<Record<string, string>>
  readonly at?: string
  readonly id?: string
}) => (
  <dl class="facts">
    {at === undefined ? null : (
      <Fact name="Time">
        <Time at={at} />
      </Fact>
    )}
    {id === undefined ? null : <Fact name="Request id">{id}</Fact>}
    {Object.entries(headers).map(([name, value]) => (
      <Fact key={name} name={name}>
        {value}
      </Fact>
    ))}
  </dl>
)

const Body = ({
  body,
  isKept,
  label
}: {
  readonly body: ShownBody | null
  readonly label: string
  readonly isKept: boolean
}) => {
  if (body === null) {
    return <p class="nothing">{isKept ? "The body was not read." : "The body is not kept any more."}</p>
  }
  if (body.size_bytes === 0) return null
  if (body.text === null) {
    return (
      <p class="nothing">
        {body.size_bytes === null ? "The body is a stream" : `The body has ${sizeText(body.size_bytes)}`}
        {body.content_type === null ? "" : ` of the type ${body.content_type}`}. Only text is shown.
      </p>
    )
  }
  return (
    <>
      <Code text={prettyJson(body.text)} label={label} />
      {body.truncated ? <p class="nothing">The first 64 KiB are kept.</p> : null}
    </>
  )
}
