/**
 * The parts that several views use.
 */
import type { ComponentChildren } from "preact"
import { useEffect, useId, useRef, useState } from "preact/hooks"
import { longTime, shortTime } from "./format.js"
import { Icon, type IconName } from "./icons.js"

export type Tone = "good" | "warn" | "bad" | "info" | "plain"

export const Badge = ({
  children,
  tone = "plain"
}: {
  readonly children: ComponentChildren
  readonly tone?: Tone
}) => <span class={`badge ${tone}`}>{children}</span>

/** The tone of a status of a message, a log entry or a delivery. */
export const toneOf = (status: string | null): Tone => {
  switch (status) {
    case "sent":
    case "delivered":
    case "accepted":
    case "received":
    case "success":
    case "verified":
      return "good"
    case "pending":
    case "delayed":
    case "retrying":
    case "spam":
      return "warn"
    case "failed":
    case "rejected":
    case "bounced":
    case "complained":
    case "permanent_failure":
      return "bad"
    default:
      return "plain"
  }
}

/** The tone of an HTTP status. */
export const toneOfStatus = (status: number | null): Tone => {
  if (status === null) return "plain"
  if (status === 0 || status >= 500) return "bad"
  return status >= 400 ? "warn" : "good"
}

export const Time = ({ at }: { readonly at: string }) => (
  <time dateTime={at} title={longTime(at)}>
    {shortTime(at)}
  </time>
)

/** What a place shows that has nothing to show, with what to do about it. */
export const Empty = ({
  children,
  icon,
  title
}: {
  readonly icon: IconName
  readonly title: string
  readonly children?: ComponentChildren
}) => (
  <div class="empty">
    <Icon name={icon} />
    <h2>{title}</h2>
    {children}
  </div>
)

export const Problem = ({ message }: { readonly message: string }) => (
  <p class="problem" role="alert">
    {message}
  </p>
)

/** A text that is shown as it is, with a button that copies it. */
export const Code = ({ label, text }: { readonly text: string; readonly label: string }) => (
  <div class="code">
    <CopyButton text={text} label={`Copy ${label}`} />
    {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reachable by keyboard */}
    <section tabIndex={0} aria-label={label}>
      <pre>{text}</pre>
    </section>
  </div>
)

export const CopyButton = ({ label, text }: { readonly text: string; readonly label: string }) => {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = window.setTimeout(() => setCopied(false), 1500)
    return () => window.clearTimeout(timer)
  }, [copied])
  return (
    <button
      type="button"
      class="quiet copy"
      aria-label={copied ? "Copied" : label}
      title={label}
      onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}
    >
      {copied ? "Copied" : <Icon name="copy" />}
    </button>
  )
}

/** A name with its value. */
export const Fact = ({ children, name }: { readonly name: string; readonly children: ComponentChildren }) => (
  <div class="fact">
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
)

export const Field = ({
  children,
  hint,
  label
}: {
  readonly label: string
  readonly hint?: string
  readonly children: (id: string) => ComponentChildren
}) => {
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children(id)}
      {hint === undefined ? null : <small>{hint}</small>}
    </div>
  )
}

/** A dialog. The browser keeps the focus in it and closes it with Escape. */
export const Dialog = ({
  children,
  onClose,
  title
}: {
  readonly title: string
  readonly onClose: () => void
  readonly children: ComponentChildren
}) => {
  const element = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    const dialog = element.current
    dialog?.showModal()
    // The browser would focus the button that closes the dialog.
    dialog?.querySelector<HTMLElement>("form select, form input, footer button")?.focus()
    return () => dialog?.close()
  }, [])
  return (
    <dialog
      ref={element}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
    >
      <header>
        <h2 id={id}>{title}</h2>
        <button type="button" class="quiet" aria-label="Close" onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      {children}
    </dialog>
  )
}

/** Runs an action, and keeps what went wrong and whether it is running. */
export const useAction = (): {
  readonly run: (action: () => Promise<void>) => void
  readonly error: string | undefined
  readonly isRunning: boolean
} => {
  const [error, setError] = useState<string>()
  const [isRunning, setRunning] = useState(false)
  return {
    error,
    isRunning,
    run: (action) => {
      setRunning(true)
      setError(undefined)
      action()
        .catch((thrown: unknown) => setError(thrown instanceof Error ? thrown.message : String(thrown)))
        .finally(() => setRunning(false))
    }
  }
}
