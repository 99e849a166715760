/**
 * One message: its header, and its parts as tabs.
 */
import type { ComponentChildren } from "preact"
import { useState } from "preact/hooks"
import type {
  MessageDetails,
  MessageSummary,
  ShownAddress
} from "../../../../src/sandbox/control/inspection/shapes.js"
import { base, maxShownBytes, type PartOfText, readText } from "../api.js"
import { addressText, count, sizeText } from "../format.js"
import { Icon } from "../icons.js"
import { useRead } from "../live.js"
import { BackLink } from "../panes.js"
import { href } from "../router.js"
import { Code, Empty, Fact, Problem, Time } from "../ui.js"

type Message = MessageSummary & MessageDetails

type Tab = "html" | "text" | "links" | "source" | "headers" | "attachments"

interface MessageProps {
  readonly message: Message
  /** The path of the message in the control. */
  readonly path: string
  /** The segments of its address on the page, without the tab. */
  readonly segments: ReadonlyArray<string>
  readonly tab: string | undefined
  readonly q: string
  readonly back: string
  readonly backLabel: string
  readonly badges: ComponentChildren
  readonly actions?: ComponentChildren
  /** What the headers tab shows besides the headers. */
  readonly facts?: ComponentChildren
}

const tabsOf = (message: Message): ReadonlyArray<readonly [tab: Tab, title: string]> => [
  ...(message.has_html ? [["html", "HTML"] as const] : []),
  ...(message.has_text ? [["text", "Text"] as const] : []),
  ...(message.links.length > 0 ? [["links", `Links (${message.links.length})`] as const] : []),
  ...(message.attachments.length > 0
    ? [["attachments", `Attachments (${message.attachments.length})`] as const]
    : []),
  ["headers", "Headers"],
  ["source", "Source"]
]

const list = (addresses: ReadonlyArray<ShownAddress>): string => addresses.map(addressText).join(", ")

export const MessageView = (props: MessageProps) => {
  const { actions, back, backLabel, badges, message, q, segments } = props
  const tabs = tabsOf(message)
  const current = tabs.find(([tab]) => tab === props.tab)?.[0] ?? tabs[0]?.[0] ?? "source"
  return (
    <article class="message">
      <header>
        <BackLink to={back} label={backLabel} />
        <h2>{message.subject === "" ? "(no subject)" : message.subject}</h2>
        <dl class="addresses">
          <Fact name="From">{message.from === null ? "nobody" : addressText(message.from)}</Fact>
          <Fact name="To">{message.to.length === 0 ? "nobody" : list(message.to)}</Fact>
          {message.cc.length === 0 ? null : <Fact name="Cc">{list(message.cc)}</Fact>}
          {message.bcc.length === 0 ? null : <Fact name="Bcc">{list(message.bcc)}</Fact>}
          <Fact name="Date">
            <Time at={message.at} />, {sizeText(message.size_bytes)} {badges}
          </Fact>
        </dl>
        {actions}
      </header>
      <nav class="tabs" aria-label="Parts of the message">
        {tabs.map(([tab, title]) => (
          <a key={tab} href={href([...segments, tab], q)} aria-current={tab === current ? "page" : undefined}>
            {title}
          </a>
        ))}
      </nav>
      <Part {...props} tab={current} key={`${props.path} ${current}`} />
    </article>
  )
}

const Part = ({ facts, message, path, tab }: MessageProps & { readonly tab: Tab }) => {
  switch (tab) {
    case "html":
      return <HtmlPart path={path} remoteCount={message.remote_count} />
    case "text":
      return <TextPart path={`${path}/text`} label="text" download={undefined} />
    case "source":
      return <TextPart path={`${path}/raw`} label="source" download={`${base}${path}/raw?download`} />
    case "links":
      return <LinksPart links={message.links} />
    case "headers":
      return <HeadersPart message={message} facts={facts} />
    case "attachments":
      return <AttachmentsPart message={message} path={path} />
  }
}

const HtmlPart = ({ path, remoteCount }: { readonly path: string; readonly remoteCount: number }) => {
  const [isPhone, setPhone] = useState(false)
  return (
    <div class="html">
      <p class="bar">
        <span>
          {remoteCount === 0
            ? "Scripts and forms are off."
            : `Scripts and forms are off, and ${count(remoteCount, "remote file was", "remote files were")} not loaded.`}
        </span>
        <button
          type="button"
          class="quiet"
          aria-pressed={isPhone}
          onClick={() => setPhone(!isPhone)}
          title="Show in the width of a phone"
        >
          <Icon name="phone" />
          <span>Phone width</span>
        </button>
      </p>
      <div class={isPhone ? "frame phone" : "frame"}>
        <iframe
          title="HTML body of the message"
          src={`${base}${path}/html`}
          sandbox="allow-popups allow-popups-to-escape-sandbox"
          referrerpolicy="no-referrer"
        />
      </div>
    </div>
  )
}

const TextPart = ({
  download,
  label,
  path
}: {
  readonly path: string
  readonly label: string
  readonly download: string | undefined
}) => {
  const { data, error } = useRead<PartOfText>(path, [], readText)
  if (error !== undefined) return <Problem message={error} />
  if (data === undefined) return <p class="nothing">Loading…</p>
  return (
    <>
      {data.isTruncated ? (
        <p class="bar">
          The first {sizeText(maxShownBytes)} of {sizeText(data.size)} are shown.
        </p>
      ) : null}
      {download === undefined ? null : (
        <p class="bar">
          <a href={download} download>
            Download as .eml file
          </a>
        </p>
      )}
      <Code text={data.text} label={label} />
    </>
  )
}

const LinksPart = ({ links }: { readonly links: ReadonlyArray<string> }) => (
  <ul class="links">
    {links.map((link) => (
      <li key={link}>
        <a href={link} target="_blank" rel="noopener noreferrer nofollow">
          {link}
        </a>
      </li>
    ))}
  </ul>
)

const HeadersPart = ({ facts, message }: Pick<MessageProps, "facts" | "message">) => (
  <div class="scroll">
    <dl class="facts">
      {facts}
      {message.headers.map(({ name, value }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a message may have a header several times
        <Fact key={index} name={name}>
          {value}
        </Fact>
      ))}
    </dl>
  </div>
)

const AttachmentsPart = ({ message, path }: Pick<MessageProps, "message" | "path">) => (
  <ul class="attachments scroll">
    {message.attachments.map(({ content_type, filename, index, is_image, size_bytes }) => {
      const url = `${base}${path}/attachments/${index}`
      return (
        <li key={index}>
          {is_image ? <img src={url} alt="" loading="lazy" /> : <Icon name="attachment" />}
          <span>
            <strong>{filename}</strong>
            <small>
              {content_type}, {sizeText(size_bytes)}
            </small>
          </span>
          <a href={url} download>
            Download<span class="hidden"> {filename}</span>
          </a>
        </li>
      )
    })}
  </ul>
)

/** What the detail shows while a message is loaded, or if it does not exist. */
export const MissingItem = ({
  back,
  backLabel,
  error,
  isMissing
}: {
  readonly back: string
  readonly backLabel: string
  readonly error: string | undefined
  readonly isMissing: boolean
}) => (
  <>
    <BackLink to={back} label={backLabel} />
    {isMissing ? (
      <Empty icon="search" title="It is not here">
        <p>
          The sandbox does not have this item. It may have been reset, or the item was dropped because newer
          ones came.
        </p>
      </Empty>
    ) : error === undefined ? (
      <p class="nothing">Loading…</p>
    ) : (
      <Problem message={error} />
    )}
  </>
)
