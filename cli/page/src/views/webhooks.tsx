import { useState } from "preact/hooks"
import type { ShownDelivery, ShownWebhook } from "../../../../src/sandbox/control/inspection/shapes.js"
import { query } from "../api.js"
import { count } from "../format.js"
import { type Read, useRead } from "../live.js"
import { BackLink, List, type Listed, Panes, pageSize } from "../panes.js"
import { href, type Route } from "../router.js"
import { Badge, Code, Empty, Fact, Problem, Time, toneOf, toneOfStatus } from "../ui.js"
import { MissingItem } from "./message.js"

const firstWebhook = () => `curl ${location.origin}/app/api/v1/webhooks \\
  -H 'Authorization: Bearer smx_root_sandbox' \\
  -H 'Content-Type: application/json' \\
  -d '{
    "url": "http://127.0.0.1:3000/webhook",
    "event_types": ["message.delivered", "message.bounced", "message.received"]
  }'`

export const WebhooksView = ({ route }: { readonly route: Route }) => {
  const [, id, deliveryId] = route.segments
  const read = useRead<Listed<ShownWebhook>>("/webhooks", ["team", "delivery"])
  const selected = read.data?.items.find((webhook) => webhook.id === id)
  const back = href(["webhooks"])
  return (
    <Panes
      isBlank={read.data?.total === 0}
      list={
        <List
          title="Webhooks"
          read={read}
          keyOf={(webhook) => webhook.id}
          hrefOf={(webhook) => href(["webhooks", webhook.id])}
          selected={id}
          row={(webhook) => <WebhookRow webhook={webhook} />}
          limit={pageSize}
          onMore={() => undefined}
          empty={
            <Empty icon="webhooks" title="There is no webhook">
              <p>
                Create one for a URL of this machine, and the sandbox delivers its events with a signature, as
                the API does:
              </p>
              <Code text={firstWebhook()} label="command" />
            </Empty>
          }
        />
      }
      detail={
        id === undefined ? undefined : selected === undefined ? (
          <MissingItem
            back={back}
            backLabel="Webhooks"
            error={read.error}
            isMissing={read.data !== undefined}
          />
        ) : (
          <Selected key={id} webhook={selected} deliveryId={deliveryId} back={back} q={route.q} />
        )
      }
    />
  )
}

const stateOf = ({ enabled, failing }: ShownWebhook) =>
  !enabled ? (
    <Badge>disabled</Badge>
  ) : failing ? (
    <Badge tone="bad">failing</Badge>
  ) : (
    <Badge tone="good">enabled</Badge>
  )

const WebhookRow = ({ webhook }: { readonly webhook: ShownWebhook }) => (
  <>
    <span class="line">
      <strong>{webhook.name ?? webhook.url}</strong>
      <span class="end">{stateOf(webhook)}</span>
    </span>
    <span class="preview">
      {webhook.name === null ? "" : `${webhook.url}, `}
      {count(webhook.event_types.length, "event type")}, {count(webhook.delivery_count, "attempt")}
      {webhook.pending > 0 ? `, ${webhook.pending} pending` : ""}
    </span>
  </>
)

const Selected = ({
  back,
  deliveryId,
  q,
  webhook
}: {
  readonly webhook: ShownWebhook
  readonly deliveryId: string | undefined
  readonly back: string
  readonly q: string
}) => {
  const [limit, setLimit] = useState(pageSize)
  const path = `/webhooks/${encodeURIComponent(webhook.id)}/deliveries`
  const read = useRead<Listed<ShownDelivery>>(`${path}${query({ q, limit })}`, ["delivery"])
  return (
    <article class="scroll padded">
      <BackLink to={back} label="Webhooks" />
      <h2>
        {webhook.name ?? "Webhook"} {stateOf(webhook)}
      </h2>
      <dl class="facts">
        <Fact name="URL">{webhook.url}</Fact>
        <Fact name="Events">{webhook.event_types.join(", ")}</Fact>
        {webhook.mailbox_ids.length === 0 ? null : (
          <Fact name="Mailboxes">{webhook.mailbox_ids.join(", ")}</Fact>
        )}
        <Fact name="Created">
          <Time at={webhook.created_at} />
        </Fact>
        <Fact name="Id">{webhook.id}</Fact>
      </dl>
      <h3>Deliveries</h3>
      <Deliveries read={read} webhookId={webhook.id} deliveryId={deliveryId} />
      {read.data !== undefined && read.data.total > read.data.items.length && limit < 1000 ? (
        <button type="button" onClick={() => setLimit(1000)}>
          Show more
        </button>
      ) : null}
    </article>
  )
}

const Deliveries = ({
  deliveryId,
  read,
  webhookId
}: {
  readonly read: Read<Listed<ShownDelivery>>
  readonly webhookId: string
  readonly deliveryId: string | undefined
}) => {
  if (read.error !== undefined) return <Problem message={read.error} />
  if (read.data === undefined) return null
  if (read.data.items.length === 0) {
    return <p class="nothing">Nothing was delivered yet. Send a message that causes one of the events.</p>
  }
  return (
    <ul class="deliveries">
      {read.data.items.map((delivery) => {
        const isOpen = delivery.id === deliveryId
        return (
          <li key={delivery.id}>
            <a
              class="row"
              href={href(isOpen ? ["webhooks", webhookId] : ["webhooks", webhookId, delivery.id])}
              aria-expanded={isOpen}
            >
              <span class="line">
                <strong>{delivery.event_type}</strong>
                <span class="end">
                  <Badge tone={toneOf(delivery.result)}>{delivery.result.replace("_", " ")}</Badge>
                  <Time at={delivery.at} />
                </span>
              </span>
              <span class="preview">
                Attempt {delivery.attempt} of {delivery.max_attempts},{" "}
                {delivery.response_status === null ? "no response" : `status ${delivery.response_status}`}{" "}
                after {delivery.response_ms} ms
              </span>
            </a>
            {isOpen ? <DeliveryDetails delivery={delivery} /> : null}
          </li>
        )
      })}
    </ul>
  )
}

const DeliveryDetails = ({ delivery }: { readonly delivery: ShownDelivery }) => (
  <div class="delivery">
    <dl class="facts">
      <Fact name="Event id">{delivery.event_id}</Fact>
      {delivery.error === null ? null : <Fact name="Error">{delivery.error}</Fact>}
      {delivery.response_status === null ? null : (
        <Fact name="Status">
          <Badge tone={toneOfStatus(delivery.response_status)}>{delivery.response_status}</Badge>
        </Fact>
      )}
      {delivery.next_retry_at === null ? null : (
        <Fact name="Next attempt">
          <Time at={delivery.next_retry_at} /> (or when you advance the time)
        </Fact>
      )}
    </dl>
    <h4>Payload</h4>
    <Code text={JSON.stringify(delivery.payload, null, 2)} label="payload" />
    {delivery.response_body === null || delivery.response_body === "" ? null : (
      <>
        <h4>Response</h4>
        <Code text={delivery.response_body} label="response" />
      </>
    )}
  </div>
)
