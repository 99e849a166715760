import { useEffect, useState } from "preact/hooks"
import type { ShownDomain } from "../../../../src/sandbox/control/inspection/shapes.js"
import { send } from "../api.js"
import { noteOwnChange, useRead } from "../live.js"
import { BackLink, List, type Listed, Panes } from "../panes.js"
import { href, type Route } from "../router.js"
import { Badge, Code, Empty, Fact, Problem, Time, toneOf, useAction } from "../ui.js"
import { MissingItem } from "./message.js"

/** A request that creates the first domain. */
const firstDomain = () => `curl ${location.origin}/app/api/v1/domains \\
  -H 'Authorization: Bearer smx_root_sandbox' \\
  -H 'Content-Type: application/json' \\
  -d '{ "domain": "example.com" }'`

interface DomainsProps {
  readonly route: Route
  readonly notify: (text: string) => void
}

export const DomainsView = ({ notify, route }: DomainsProps) => {
  const [, id] = route.segments
  // A response may be that of a call which created, verified or deleted a domain.
  const read = useRead<Listed<ShownDomain>>("/domains", ["team", "response", "clock"])
  const back = href(["domains"])
  const selected = read.data?.items.find((domain) => domain.id === id)
  return (
    <Panes
      isBlank={read.data?.total === 0}
      list={
        <List
          title="Domains"
          read={read}
          keyOf={(domain) => domain.id}
          hrefOf={(domain) => href(["domains", domain.id])}
          selected={id}
          row={(domain) => <DomainRow domain={domain} />}
          limit={1000}
          onMore={() => undefined}
          empty={
            <Empty icon="domains" title="The team has no domain">
              <p>Domains that your program creates appear here, with the status of their verification:</p>
              <Code text={firstDomain()} label="command" />
            </Empty>
          }
        />
      }
      detail={
        id === undefined ? undefined : selected === undefined ? (
          <MissingItem
            back={back}
            backLabel="Domains"
            error={read.error}
            isMissing={read.data !== undefined}
          />
        ) : (
          <Selected key={id} domain={selected} back={back} notify={notify} />
        )
      }
    />
  )
}

const Status = ({ domain }: { readonly domain: ShownDomain }) => (
  <>
    {domain.is_held ? <Badge tone="info">set by hand</Badge> : null}{" "}
    <Badge tone={toneOf(domain.verification_status)}>{domain.verification_status}</Badge>
  </>
)

const DomainRow = ({ domain }: { readonly domain: ShownDomain }) => (
  <>
    <span class="line">
      <strong>{domain.domain}</strong>
      <span class="end">
        <Time at={domain.created_at} />
      </span>
    </span>
    <span class="line">
      <span class="subject">{domain.mode}</span>
      <span class="end">
        <Status domain={domain} />
      </span>
    </span>
  </>
)

const Selected = ({
  back,
  domain,
  notify
}: {
  readonly domain: ShownDomain
  readonly back: string
  readonly notify: (text: string) => void
}) => {
  useEffect(() => {
    if (domain.held_for_ms === null) return
    // The end of a hold is not a change that the sandbox reports.
    const timer = window.setTimeout(() => noteOwnChange("team"), Math.min(domain.held_for_ms, 2 ** 31 - 1))
    return () => window.clearTimeout(timer)
  }, [domain.held_for_ms])
  return (
    <article class="scroll padded">
      <BackLink to={back} label="Domains" />
      <h2>
        {domain.domain} <Status domain={domain} />
      </h2>
      <Verification domain={domain} notify={notify} />
      <dl class="facts">
        <Fact name="Mode">{domain.mode}</Fact>
        {domain.is_held ? (
          <Fact name="Set by hand">
            {domain.held_until === null ? (
              "until it is released"
            ) : (
              <>
                until <Time at={domain.held_until} />
              </>
            )}
          </Fact>
        ) : null}
        {domain.verified_at === null ? null : (
          <Fact name="Verified">
            <Time at={domain.verified_at} />
          </Fact>
        )}
        <Fact name="Created">
          <Time at={domain.created_at} />
        </Fact>
        <Fact name="Id">{domain.id}</Fact>
      </dl>
    </article>
  )
}

const minute = 60_000

const durations = [
  ["until released", undefined],
  ["for 1 minute", minute],
  ["for 10 minutes", 10 * minute],
  ["for 1 hour", 60 * minute],
  ["for 1 day", 1440 * minute]
] as const

/** What each button makes the verification report. */
const changes = [
  ["hold", "Hold", "stays pending"],
  ["fail", "Fail", "fails"],
  ["pass", "Release", "is verified"]
] as const

/** The buttons for what the verification of a domain reports. */
const Verification = ({
  domain,
  notify
}: {
  readonly domain: ShownDomain
  readonly notify: (text: string) => void
}) => {
  const [chosen, setChosen] = useState(0)
  const { error, isRunning, run } = useAction()
  const [label, millis] = durations[chosen] ?? durations[0]
  const change = (verification: (typeof changes)[number][0], result: string) =>
    run(async () => {
      await send("PATCH", `/domains/${encodeURIComponent(domain.id)}`, {
        verification,
        ...(verification === "pass" || millis === undefined ? {} : { for_ms: millis })
      })
      noteOwnChange("team")
      notify(`The verification of ${domain.domain} ${result}${verification === "pass" ? "" : ` ${label}`}.`)
    })
  return (
    <fieldset class="outcomes" disabled={isRunning}>
      <legend>Verification</legend>
      <select
        aria-label="How long"
        value={chosen}
        onChange={(event) => setChosen(Number(event.currentTarget.value))}
      >
        {durations.map(([text], index) => (
          <option key={text} value={index}>
            {text}
          </option>
        ))}
      </select>
      {changes.map(([verification, text, result]) => (
        <button key={verification} type="button" onClick={() => change(verification, result)}>
          {text}
        </button>
      ))}
      {error === undefined ? null : <Problem message={error} />}
    </fieldset>
  )
}
