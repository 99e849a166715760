import { existsSync } from "node:fs"
import { mkdir, readdir, readFile, rm, stat, watch, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { mailboxKey, newFolder, rootKey, run, type Served, sendEmail, serveSandbox } from "./program.js"

const newData = async (): Promise<string> => join(await newFolder(), "data")

const serve = (data: string, ...args: ReadonlyArray<string>) =>
  serveSandbox("--quiet", "--data", data, ...args)

const end = async (sandbox: Served): Promise<void> => {
  sandbox.kill("SIGTERM")
  expect(await sandbox.ended).toBe(0)
}

/** Ends a sandbox and starts another one with the same data. */
const restart = async (sandbox: Served, data: string, ...args: ReadonlyArray<string>): Promise<Served> => {
  await end(sandbox)
  return serve(data, ...args)
}

/** Waits until a file is gone. */
const untilGone = async (folder: string, name: string): Promise<void> => {
  const changes = watch(folder)
  if (!existsSync(join(folder, name))) return
  for await (const _ of changes) if (!existsSync(join(folder, name))) return
}

const subjects = async (sandbox: Served): Promise<ReadonlyArray<string>> => {
  const { emails } = await (await sandbox.get("/__sandbox/outbox")).json()
  return emails.map(({ subject }: { readonly subject: string }) => subject)
}

const deliver = (sandbox: Served, subject: string) =>
  sandbox.post("/__sandbox/inbound", { to: "agent@sandbox.test", subject, text: "Hello" })

/** Opens the event stream of the mailbox and reads it until it contains a text. */
const readEvents = async (
  sandbox: Served,
  text: string,
  headers: Readonly<Record<string, string>> = {}
): Promise<string> => {
  const response = await sandbox.get("/app/api/v1/mailbox/events", { ...mailboxKey, ...headers })
  expect(response.status).toBe(200)
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let read = ""
  while (!read.includes(text)) {
    const next = await reader?.read()
    if (next === undefined || next.done) break
    read += next.value
  }
  await reader?.cancel()
  return read
}

describe("the option --data", () => {
  it("keeps the state over a restart, and says what was loaded", async () => {
    const data = await newData()
    const first = await serve(data)
    expect(first.stdout()).toMatch(/\n {2}data {17}\S+data, without an earlier state\n$/)
    const sent = await (await sendEmail(first, "Hello", { "idempotency-key": "k1" })).text()
    await deliver(first, "One")
    const created = await first.post("/app/api/v1/domains", { domain: "kept.example.com" }, rootKey)
    expect(created.status).toBe(201)
    await first.post("/__sandbox/clock", { advance_ms: 3_600_000 })

    const second = await restart(first, data)
    expect(second.stdout()).toMatch(
      /\n {2}data {17}\S+data, continued from \S+Z \(1 sent message, 1 received message\)\n$/
    )
    expect(second.stderr()).toBe("")
    expect(await subjects(second)).toEqual(["Hello"])
    expect(await (await second.get("/app/api/v1/domains", rootKey)).text()).toContain("kept.example.com")
    const { now_ms } = await (await second.get("/__sandbox/clock")).json()
    expect(now_ms).toBeGreaterThan(Date.now() + 3_000_000)
    const replayed = await sendEmail(second, "Hello", { "idempotency-key": "k1" })
    expect(await replayed.text()).toBe(sent)
    expect(await subjects(second)).toEqual(["Hello"])
    const again = await (await sendEmail(second, "New")).json()
    expect(sent).not.toContain(again.data.message_id)
  })

  it("lets event streams resume and clients synchronize after a restart", async () => {
    const data = await newData()
    const first = await serve(data)
    const changes = "/app/api/v1/mailbox/changes"
    const state = (await (await first.get(changes, mailboxKey)).json()).data.new_state
    const streamed = readEvents(first, "message.received")
    await first.get("/app/api/v1/mailbox/me", mailboxKey)
    await deliver(first, "One")
    const [, id = ""] = /^id: ?(.+)$/m.exec(await streamed) ?? []
    expect(id).not.toBe("")
    await deliver(first, "Two")

    const second = await restart(first, data)
    const resumed = await readEvents(second, "message.received", { "last-event-id": id })
    expect(resumed).toContain("Two")
    expect(resumed).not.toContain("One")
    const changed = await second.get(`${changes}?since_state=${encodeURIComponent(state)}`, mailboxKey)
    expect(await changed.text()).toContain("created")
  })

  it("sends a draft at its time after a restart", async () => {
    const data = await newData()
    const first = await serve(data)
    const drafts = "/app/api/v1/mailbox/drafts"
    const recipient = { email: "ada@example.org", name: null }
    const draft = await first.post(drafts, { subject: "Later", text_body: "x", to: [recipient] }, mailboxKey)
    const { draft_id, id, revision = 1 } = (await draft.json()).data
    const scheduled = await first.post(
      `${drafts}/${draft_id ?? id}/send`,
      {
        expected_revision: revision,
        expected_schedule_version: 0,
        scheduled_for: new Date(Date.now() + 3_600_000).toISOString()
      },
      mailboxKey
    )
    expect(scheduled.status).toBeLessThan(300)
    const second = await restart(first, data)
    expect(await subjects(second)).toEqual([])
    await second.post("/__sandbox/clock", { advance_ms: 7_200_000 })
    expect(await subjects(second)).toEqual(["Later"])
  })

  it("keeps everything that was saved when the process is killed", async () => {
    const data = await newData()
    const first = await serve(data)
    await sendEmail(first, "Saved")
    await untilGone(data, "sandbox.changes")
    first.kill("SIGKILL")
    await first.ended
    const second = await serve(data)
    expect([await subjects(second), second.stderr()]).toEqual([["Saved"], ""])
  })

  it("says that changes are lost when the process is killed before they are saved, and makes no id again", async () => {
    const data = await newData()
    const first = await serve(data)
    const lost = (await (await sendEmail(first, "Lost")).json()).data.message_id
    first.kill("SIGKILL")
    await first.ended
    const second = await serve(data)
    // On a slow machine, the message was saved before the signal.
    if (!(await subjects(second)).includes("Lost")) {
      expect(second.stderr()).toMatch(/^warning: the last process was killed before .*\n$/)
    }
    expect((await (await sendEmail(second, "New")).json()).data.message_id).not.toBe(lost)
  })

  it("tells clients to fetch everything again when changes may be lost", async () => {
    const data = await newData()
    const first = await serve(data)
    const changes = "/app/api/v1/mailbox/changes"
    const state = (await (await first.get(changes, mailboxKey)).json()).data.new_state
    await end(first)
    await writeFile(join(data, "sandbox.changes"), "")
    const second = await serve(data)
    expect(second.stderr()).toMatch(/^warning: the last process was killed before .*\n$/)
    const changed = await second.get(`${changes}?since_state=${encodeURIComponent(state)}`, mailboxKey)
    expect(await changed.text()).toContain('"sync_required":true')
  })

  it("saves the empty state after a reset", async () => {
    const data = await newData()
    const first = await serve(data)
    await sendEmail(first, "Hello")
    const second = await restart(first, data)
    await second.post("/__sandbox/reset", {})
    const third = await restart(second, data)
    expect(await subjects(third)).toEqual([])
  })

  it("continues the ids with another --seed, which takes effect at the next reset", async () => {
    const fresh = await serveSandbox("--quiet", "--seed", "8")
    const expected = (await (await sendEmail(fresh, "Hello")).json()).data.message_id
    const data = await newData()
    const first = await serve(data, "--seed", "7")
    await sendEmail(first, "Hello")
    const second = await restart(first, data, "--seed", "8")
    expect(second.stderr()).toBe("note: --seed 8 takes effect at the next reset, because the ids continue\n")
    expect((await (await sendEmail(second, "Hello")).json()).data.message_id).not.toBe(expected)
    await second.post("/__sandbox/reset", {})
    expect((await (await sendEmail(second, "Hello")).json()).data.message_id).toBe(expected)
  })

  it("takes the rate limits from the command line at each start", async () => {
    const data = await newData()
    const limitOf = async (sandbox: Served) =>
      (await sandbox.get("/app/api/v1/mailbox/me", mailboxKey)).headers.get("x-ratelimit-limit")
    const first = await serve(data, "--rate-limit", "7")
    expect(await limitOf(first)).toBe("7")
    expect(await limitOf(await restart(first, data))).toBe("1800")
  })

  it("lets only the owner read the folder and its files", async () => {
    const data = await newData()
    const sandbox = await serve(data)
    await sendEmail(sandbox, "Hello")
    const names = ["", "sandbox.lock", "sandbox.state"]
    const modes = await Promise.all(names.map((name) => stat(join(data, name))))
    expect(modes.map(({ mode }) => mode & 0o077)).toEqual(names.map(() => 0))
    await end(sandbox)
    expect(await readdir(data)).toEqual(["sandbox.state"])
  })
})

describe("problems with the option --data", () => {
  it("reports a folder that another process uses in one line, and does not disturb that process", async () => {
    const data = await newData()
    const first = await serve(data)
    const { code, stderr, stdout } = await run("sandbox", "--port", "0", "--data", data)
    expect([code, stdout]).toEqual([1, ""])
    expect(stderr).toMatch(
      new RegExp(
        `^error: the folder \\S+data is in use by the process ${first.pid} on .*; end it, or choose another folder with --data\\n$`
      )
    )
    await sendEmail(first, "Hello")
    expect(await subjects(await restart(first, data))).toEqual(["Hello"])
  })

  it.each([
    [
      "is damaged",
      (file: Buffer) => Buffer.concat([file.subarray(0, -1), Buffer.from([(file.at(-1) ?? 0) ^ 1])]),
      "sandbox.state is damaged. The file is left as it is: restore it from a copy, or choose another folder with --data"
    ],
    [
      "is cut off",
      (file: Buffer) => file.subarray(0, 100),
      "sandbox.state is damaged, or not a state of a sandbox. The file is left as it is: choose another folder with --data"
    ],
    [
      "has another format",
      (file: Buffer) =>
        Buffer.from(file.toString("latin1").replace('"formatVersion":1,', '"formatVersion":9,'), "latin1"),
      "which this version cannot read. The file is left as it is: use the version that wrote it, or choose another folder with --data"
    ]
  ])("reports a state that %s in one line, and leaves it as it is", async (_, change, line) => {
    const data = await newData()
    await end(await serve(data))
    const path = join(data, "sandbox.state")
    const changed = change(await readFile(path))
    await writeFile(path, changed)
    const { code, stderr, stdout } = await run("sandbox", "--port", "0", "--data", data)
    expect([code, stdout]).toEqual([1, ""])
    expect(stderr.split("\n")).toEqual([expect.stringContaining(line), ""])
    expect(stderr).toMatch(/^error: /)
    expect(await readFile(path)).toEqual(changed)
    expect(await readdir(data)).toEqual(["sandbox.state"])
  })

  it("reports a path that is no folder in one line", async () => {
    const path = join(await newFolder(), "file")
    await writeFile(path, "")
    expect(await run("sandbox", "--port", "0", "--data", path)).toEqual({
      code: 1,
      stdout: "",
      stderr: `error: cannot use the folder ${path}: a file of this name exists\n`
    })
  })

  it("reports that it cannot save once while it serves, and when it ends", async () => {
    const data = await newData()
    const sandbox = await serve(data)
    await rm(data, { recursive: true })
    await sendEmail(sandbox, "One")
    await sendEmail(sandbox, "Two")
    sandbox.kill("SIGTERM")
    expect(await sandbox.ended).toBe(1)
    expect(sandbox.stderr()).toMatch(
      /^error: cannot save the state in \S+: there is no such file or folder\nerror: the folder \S+ was removed or taken over by another process, so nothing more is saved\n$/
    )
  })

  it("does not touch other files of the folder", async () => {
    const data = await newData()
    await mkdir(data)
    await writeFile(join(data, "lock"), "mine")
    await end(await serve(data))
    expect(await readFile(join(data, "lock"), "utf8")).toBe("mine")
  })
})
