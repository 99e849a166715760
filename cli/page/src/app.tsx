import { useEffect, useState } from "preact/hooks"
import { DeliverDialog } from "./dialogs/deliver.js"
import { FaultDialog } from "./dialogs/fault.js"
import type { DialogName, OpenDialog } from "./dialogs/names.js"
import { HelpDialog, ResetDialog } from "./dialogs/others.js"
import { TimeDialog } from "./dialogs/time.js"
import { durationText } from "./format.js"
import { Icon, type IconName } from "./icons.js"
import { listenToKeys, type View, views } from "./keyboard.js"
import { useConnection, useRead } from "./live.js"
import { href, type Route, useRoute } from "./router.js"
import { applyTheme, chosenTheme, nextTheme } from "./theme.js"
import { DomainsView } from "./views/domains.js"
import { FaultsView } from "./views/faults.js"
import { LogsView } from "./views/logs.js"
import { MailboxesView } from "./views/mailboxes.js"
import { OutboxView } from "./views/outbox.js"
import { RequestsView } from "./views/requests.js"
import { WebhooksView } from "./views/webhooks.js"

const titles: Readonly<Record<View, string>> = {
  outbox: "Outbox",
  mailboxes: "Mailboxes",
  logs: "Logs",
  webhooks: "Webhooks",
  requests: "Requests",
  faults: "Faults",
  domains: "Domains"
}

const isView = (text: string | undefined): text is View => views.some((view) => view === text)

export const App = () => {
  const route = useRoute()
  const [dialog, setDialog] = useState<DialogName>()
  const [notice, setNotice] = useState("")
  useEffect(() => listenToKeys(setDialog), [])
  useEffect(() => {
    if (notice === "") return
    const timer = window.setTimeout(() => setNotice(""), 5000)
    return () => window.clearTimeout(timer)
  }, [notice])
  const view = isView(route.segments[0]) ? route.segments[0] : "outbox"
  useEffect(() => {
    document.title = `${titles[view]} – Sendmux sandbox`
  }, [view])
  const close = () => setDialog(undefined)
  const done = (text: string) => {
    close()
    setNotice(text)
  }
  return (
    <>
      <Header open={setDialog} />
      <nav class="views" aria-label="Views">
        {views.map((name) => (
          <a key={name} href={href([name])} aria-current={name === view ? "page" : undefined}>
            <Icon name={name} />
            <span>{titles[name]}</span>
          </a>
        ))}
      </nav>
      <main>
        <CurrentView view={view} route={route} open={setDialog} notify={setNotice} />
      </main>
      <div class="notice" role="status">
        {notice === "" ? null : <p>{notice}</p>}
      </div>
      {dialog === "deliver" ? <DeliverDialog onClose={close} onDone={done} /> : null}
      {dialog === "time" ? <TimeDialog onClose={close} onDone={done} /> : null}
      {dialog === "fault" ? <FaultDialog onClose={close} onDone={done} /> : null}
      {dialog === "reset" ? <ResetDialog onClose={close} onDone={done} /> : null}
      {dialog === "help" ? <HelpDialog onClose={close} /> : null}
    </>
  )
}

const CurrentView = ({
  notify,
  open,
  route,
  view
}: {
  readonly view: View
  readonly route: Route
  readonly open: OpenDialog
  readonly notify: (text: string) => void
}) => {
  switch (view) {
    case "outbox":
      return <OutboxView route={route} notify={notify} />
    case "mailboxes":
      return <MailboxesView route={route} open={open} />
    case "logs":
      return <LogsView route={route} />
    case "webhooks":
      return <WebhooksView route={route} />
    case "requests":
      return <RequestsView route={route} />
    case "faults":
      return <FaultsView notify={notify} />
    case "domains":
      return <DomainsView route={route} notify={notify} />
  }
}

// -----------------------------------------------------------------------------
// header
// -----------------------------------------------------------------------------

const Header = ({ open }: { readonly open: OpenDialog }) => (
  <header class="top">
    <a class="brand" href="#/outbox">
      <svg viewBox="0 0 32 32" aria-hidden="true">
        <rect width="32" height="32" rx="8" />
        <path
          d="M7 11.500A1.500 1.500 0 0 1 8.500 10h15a1.500 1.500 0 0 1 1.500 1.500v9a1.500 1.500 0 0 1-1.500 1.500h-15A1.500 1.500 0 0 1 7 20.500zm.5 0 8.500 6 8.500-6"
          fill="none"
          stroke-width="2"
          stroke-linejoin="round"
        />
      </svg>
      <span>
        Sendmux <em>sandbox</em>
      </span>
    </a>
    <Status />
    <div class="actions">
      <Action icon="deliver" label="Deliver mail" onClick={() => open("deliver")} />
      <ClockAction onClick={() => open("time")} />
      <Action icon="faults" label="Inject fault" onClick={() => open("fault")} />
      <Action icon="reset" label="Reset" onClick={() => open("reset")} />
    </div>
    <ThemeButton />
    <button
      type="button"
      class="quiet"
      aria-label="Keyboard and help"
      title="Keyboard and help (?)"
      onClick={() => open("help")}
    >
      <Icon name="help" />
    </button>
  </header>
)

const Action = ({
  icon,
  label,
  onClick
}: {
  readonly icon: IconName
  readonly label: string
  readonly onClick: () => void
}) => (
  <button type="button" onClick={onClick} title={label}>
    <Icon name={icon} />
    <span>{label}</span>
  </button>
)

/** The button for the time, which shows how far the sandbox is ahead. */
const ClockAction = ({ onClick }: { readonly onClick: () => void }) => {
  const { data } = useRead<{ readonly now: string | number }>("/clock", ["clock"])
  const ahead = data === undefined ? 0 : new Date(data.now).getTime() - Date.now()
  const isAhead = ahead > 2000
  return (
    <button type="button" onClick={onClick} title="Advance the time" class={isAhead ? "ahead" : undefined}>
      <Icon name="clock" />
      <span>{isAhead ? durationText(ahead) : "Advance time"}</span>
    </button>
  )
}

const states = { live: "Live", connecting: "Connecting", lost: "Not connected" } as const

const Status = () => {
  const connection = useConnection()
  return (
    <span class={`status ${connection}`} role="status">
      <i aria-hidden="true" />
      <span>{states[connection]}</span>
    </span>
  )
}

const themeNames = { auto: "as the system", light: "light", dark: "dark" } as const
const themeIcons = { auto: "auto", light: "sun", dark: "moon" } as const

const ThemeButton = () => {
  const [theme, setTheme] = useState(chosenTheme)
  const label = `Colours: ${themeNames[theme]}`
  return (
    <button
      type="button"
      class="quiet"
      aria-label={label}
      title={label}
      onClick={() => {
        const next = nextTheme(theme)
        applyTheme(next)
        setTheme(next)
      }}
    >
      <Icon name={themeIcons[theme]} />
    </button>
  )
}
