/**
 * The HTML body of a message as a document that a page can show in a frame.
 *
 * What keeps a message from doing harm is the Content-Security-Policy of the response, with its sandbox: no script runs, no
 * form is sent, and nothing is loaded. Rewriting the HTML does the rest: it shows the files that the message contains, opens
 * links in a new tab, and removes what a policy does not cover, such as links that only connect to a server.
 */
import { Parser } from "htmlparser2"
import { toBase64 } from "../lists.js"

/** The headers of a document that shows a message. */
export const documentHeaders: Readonly<Record<string, string>> = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": [
    "default-src 'none'",
    "img-src data:",
    "style-src 'unsafe-inline'",
    "font-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
    "sandbox allow-popups allow-popups-to-escape-sandbox"
  ].join("; "),
  "x-frame-options": "SAMEORIGIN",
  // A browser would otherwise look up the hosts of links.
  "x-dns-prefetch-control": "off"
}

/** The length of the largest body that is rewritten, in characters. */
const maxHtmlLength = 4_194_304

/** The bytes of the files that become a part of the document, in total. */
const maxInlineBytes = 16_777_216

/** Elements that are removed with their content. */
const removed: ReadonlySet<string> = new Set([
  "applet",
  "audio",
  "base",
  "embed",
  "frame",
  "iframe",
  "link",
  "meta",
  "object",
  "portal",
  "script",
  "source",
  "template",
  "track",
  "video"
])

/** Elements that are removed, and whose content stays. A browser would read the content of some of them as text. */
const unwrapped: ReadonlySet<string> = new Set([
  "fencedframe",
  "form",
  "frameset",
  "noembed",
  "noframes",
  "noscript",
  "plaintext",
  "xmp"
])

const voidElements: ReadonlySet<string> = new Set([
  "area",
  "br",
  "col",
  "hr",
  "img",
  "input",
  "keygen",
  "param",
  "wbr"
])

/** Attributes that are removed, besides the handlers of events. */
const removedAttributes: ReadonlySet<string> = new Set([
  "accesskey",
  "action",
  "attributionsrc",
  "autofocus",
  "formaction",
  "imagesrcset",
  "is",
  "nonce",
  "ping",
  "rel",
  "srcdoc",
  "srcset",
  "target"
])

/** Attributes whose value is loaded. */
const loadedAttributes: ReadonlySet<string> = new Set([
  "background",
  "data",
  "dynsrc",
  "href",
  "lowsrc",
  "poster",
  "src",
  "xlink:href"
])

const namePattern = /^[a-z][\w:.-]*$/i

/** The links that can be followed. A browser ignores control characters and spaces in the scheme, which this does not. */
const linkPattern = /^\s*(?:https?:\/\/|mailto:|tel:)/i

const escapeText = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")

const escapeValue = (text: string): string => escapeText(text).replaceAll('"', "&quot;")

/** A file of the message. */
export interface InlineFile {
  readonly contentType: string
  readonly bytes: Uint8Array
}

export interface SafeDocument {
  readonly document: string
  /** The number of files that the message would load from the network. */
  readonly remoteCount: number
  /** The targets of its links, each once. */
  readonly links: ReadonlyArray<string>
}

const baseStyle =
  "html{color-scheme:light;background:#fff}body{margin:20px;color:#1c2128;font:15px/1.5 system-ui,sans-serif;overflow-wrap:break-word}img{max-width:100%}[data-not-loaded]{outline:1px dashed #9aa4b2;outline-offset:-1px;min-width:12px;min-height:12px}"

const shell = (doctype: string, content: string): string =>
  `${doctype}<html><head><meta charset="utf-8"><title>Message</title><style>${baseStyle}</style></head><body>${content}</body></html>`

/** Makes a document of an HTML body. `fileOf` finds a file by its content id. */
export const safeDocument = (
  html: string,
  fileOf: (contentId: string) => InlineFile | undefined
): SafeDocument => {
  if (html.length > maxHtmlLength) {
    const text = `The HTML body has ${html.length} characters, which is more than this page shows. Download the source of the message instead.`
    return { document: shell("<!DOCTYPE html>", `<p>${text}</p>`), remoteCount: 0, links: [] }
  }
  let inlineBytes = 0
  let remoteCount = 0
  const links = new Set<string>()

  /** The URL of a file of the message, or `undefined` if the message does not contain it. */
  const inline = (contentId: string): string | undefined => {
    const file = fileOf(decoded(contentId))
    if (file === undefined || imageType(file) === undefined) return undefined
    inlineBytes += file.bytes.byteLength
    return inlineBytes > maxInlineBytes ? undefined : `data:${imageType(file)};base64,${toBase64(file.bytes)}`
  }

  /** The URL that replaces one that would be loaded, or `undefined` if nothing may be loaded. */
  const loaded = (value: string): string | undefined => {
    const url = value.trim()
    if (/^(?:data:image\/|#)/i.test(url)) return url
    if (/^cid:/i.test(url)) return inline(url.slice("cid:".length))
    if (url !== "") remoteCount++
    return undefined
  }

  /** Styles with the files of the message. The policy keeps the browser from loading the others. */
  const styled = (css: string): string =>
    css
      .replace(/@import\b[^;]*(?:;|$)/gi, () => {
        remoteCount++
        return ""
      })
      .replace(/url\(\s*(["']?)([^"'()\s]+)\1\s*\)/gi, (whole, _, url: string) => {
        const known = loaded(url)
        return known === undefined ? "none" : /^cid:/i.test(url) ? `url("${known}")` : whole
      })
      // Within SVG, a browser reads the content of a style element as elements.
      .replace(/<(?=[a-z/!?])/gi, "\\3c ")

  const attributesOf = (name: string, attributes: Readonly<Record<string, string>>): string => {
    let shown = ""
    for (const [attribute, value] of Object.entries(attributes)) {
      if (!namePattern.test(attribute) || /^on/i.test(attribute) || removedAttributes.has(attribute)) continue
      if (attribute === "href" && (name === "a" || name === "area")) {
        if (linkPattern.test(value)) {
          links.add(value.trim())
          shown += ` href="${escapeValue(value.trim())}" target="_blank" rel="noopener noreferrer nofollow"`
        } else if (value.startsWith("#")) shown += ` href="${escapeValue(value)}"`
      } else if (loadedAttributes.has(attribute)) {
        const url = loaded(value)
        shown += url === undefined ? ' data-not-loaded=""' : ` ${attribute}="${escapeValue(url)}"`
      } else if (attribute === "style") shown += ` style="${escapeValue(styled(value))}"`
      else shown += ` ${attribute}="${escapeValue(value)}"`
    }
    return shown
  }

  const parts: Array<string> = []
  let hidden = 0
  let inStyle = false
  let doctype = ""
  const parser = new Parser({
    onprocessinginstruction: (name) => {
      // Without one, the browser lays out the message as it does old pages, as it would in a mail program.
      if (/^!doctype$/i.test(name)) doctype = "<!DOCTYPE html>"
    },
    onopentag: (name, attributes) => {
      if (removed.has(name)) hidden++
      if (hidden > 0 || unwrapped.has(name) || !namePattern.test(name)) return
      inStyle = name === "style"
      parts.push(`<${name}${attributesOf(name, attributes)}>`)
    },
    ontext: (text) => {
      if (hidden === 0) parts.push(inStyle ? styled(text) : escapeText(text))
    },
    onclosetag: (name) => {
      if (removed.has(name)) {
        hidden--
        return
      }
      if (hidden > 0 || unwrapped.has(name) || !namePattern.test(name)) return
      inStyle = false
      if (!voidElements.has(name)) parts.push(`</${name}>`)
    }
  })
  parser.end(html)
  return { document: shell(doctype, parts.join("")), remoteCount, links: [...links] }
}

const decoded = (contentId: string): string => {
  try {
    return decodeURIComponent(contentId)
  } catch {
    return contentId
  }
}

// -----------------------------------------------------------------------------
// files
// -----------------------------------------------------------------------------

/** Image types that contain pixels only. SVG is none of them, because it is a document. */
const imageTypes: ReadonlySet<string> = new Set([
  "image/avif",
  "image/bmp",
  "image/gif",
  "image/jpeg",
  "image/png",
  "image/webp"
])

/** The type of a file that a page can show as an image, or `undefined` for any other file. */
export const imageType = ({ contentType }: Pick<InlineFile, "contentType">): string | undefined => {
  const type = (contentType.split(";")[0] ?? "").trim().toLowerCase()
  const known = type === "image/jpg" ? "image/jpeg" : type
  return imageTypes.has(known) ? known : undefined
}
