/**
 * The dialog that delivers a message from outside to a mailbox.
 */
import { useState } from "preact/hooks"
import type { ShownMailbox } from "../../../../src/sandbox/control/inspection/shapes.js"
import { send, sendSource } from "../api.js"
import { useRead } from "../live.js"
import type { Listed } from "../panes.js"
import { Dialog, Field, Problem, useAction } from "../ui.js"
import type { DialogProps } from "./fault.js"

const encode = (bytes: Uint8Array): string => {
  let binary = ""
  for (let start = 0; start < bytes.length; start += 24_576) {
    binary += String.fromCharCode(...bytes.subarray(start, start + 24_576))
  }
  return btoa(binary)
}

const attachmentOf = async (file: File) => ({
  filename: file.name,
  content_type: file.type === "" ? "application/octet-stream" : file.type,
  content: encode(new Uint8Array(await file.arrayBuffer()))
})

export const DeliverDialog = ({ onClose, onDone }: DialogProps) => {
  const { data } = useRead<Listed<ShownMailbox>>("/mailboxes", ["team"])
  const mailboxes = (data?.items ?? []).filter(({ status }) => status === "active")
  const [chosen, setChosen] = useState<string>()
  const to = chosen ?? mailboxes[0]?.email ?? ""
  const [isSource, setSource] = useState(false)
  const { error, isRunning, run } = useAction()
  const [fields, setFields] = useState({
    from: "ada@example.org",
    subject: "",
    text: "",
    html: "",
    source: ""
  })
  const [isSpam, setSpam] = useState(false)
  const [files, setFiles] = useState<ReadonlyArray<File>>([])
  const set =
    (name: keyof typeof fields) => (event: { readonly currentTarget: { readonly value: string } }) =>
      setFields({ ...fields, [name]: event.currentTarget.value })
  const deliver = () =>
    run(async () => {
      if (isSource) await sendSource(to, fields.source)
      else {
        await send("POST", "/inbound", {
          to,
          from: fields.from,
          subject: fields.subject,
          ...(fields.text === "" && fields.html !== "" ? {} : { text: fields.text }),
          ...(fields.html === "" ? {} : { html: fields.html }),
          ...(isSpam ? { spam: true } : {}),
          ...(files.length === 0 ? {} : { attachments: await Promise.all(files.map(attachmentOf)) })
        })
      }
      onDone(`The message was delivered to ${to}.`)
    })
  return (
    <Dialog title="Deliver mail" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          deliver()
        }}
      >
        <div class="choice">
          <button type="button" aria-pressed={!isSource} onClick={() => setSource(false)}>
            Fields
          </button>
          <button type="button" aria-pressed={isSource} onClick={() => setSource(true)}>
            Source (RFC 5322)
          </button>
        </div>
        <Field label="To">
          {(id) => (
            <select id={id} value={to} onChange={(event) => setChosen(event.currentTarget.value)}>
              {mailboxes.map(({ email, id: mailbox }) => (
                <option key={mailbox}>{email}</option>
              ))}
            </select>
          )}
        </Field>
        {isSource ? (
          <Field label="Source of the message">
            {(id) => (
              <textarea
                id={id}
                class="mono"
                rows={12}
                required
                spellcheck={false}
                placeholder={"From: Ada <ada@example.org>\nSubject: Hello\n\nThe text of the message"}
                value={fields.source}
                onInput={set("source")}
              />
            )}
          </Field>
        ) : (
          <>
            <Field label="From">
              {(id) => <input id={id} required value={fields.from} onInput={set("from")} />}
            </Field>
            <Field label="Subject">
              {(id) => <input id={id} value={fields.subject} onInput={set("subject")} />}
            </Field>
            <Field label="Text">
              {(id) => <textarea id={id} rows={4} value={fields.text} onInput={set("text")} />}
            </Field>
            <Field label="HTML">
              {(id) => (
                <textarea
                  id={id}
                  class="mono"
                  rows={3}
                  spellcheck={false}
                  value={fields.html}
                  onInput={set("html")}
                />
              )}
            </Field>
            <Field label="Attachments">
              {(id) => (
                <input
                  id={id}
                  type="file"
                  multiple
                  onChange={(event) => setFiles([...(event.currentTarget.files ?? [])])}
                />
              )}
            </Field>
            <label class="check">
              <input
                type="checkbox"
                checked={isSpam}
                onChange={(event) => setSpam(event.currentTarget.checked)}
              />
              Spam (goes to the junk folder)
            </label>
          </>
        )}
        {error === undefined ? null : <Problem message={error} />}
        <footer>
          <button type="submit" class="primary" disabled={isRunning || to === ""}>
            Deliver
          </button>
        </footer>
      </form>
    </Dialog>
  )
}
