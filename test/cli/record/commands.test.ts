/** The commands record and compare, as processes of the bundled program. */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { keys, plain } from "../../sandbox/http/plain.js"
import { newFolder, run, serveSandbox, start } from "../program.js"

const email = {
  from: { email: "hello@example.com" },
  to: { email: "ada@example.org" },
  subject: "Welcome",
  html_body: "<p>Hi</p>"
}

/** Records a few requests to a sandbox, and returns the folder of the recording. */
const recorded = async (): Promise<string> => {
  const folder = join(await newFolder(), "recording")
  const sandbox = await serveSandbox()
  const program = await start("record", "--to", folder, "--port", "0", "--upstream", sandbox.origin)
  const [, origin = ""] = await program.until("stdout", /recording on (\S+) to .*\n[\s\S]*app\/api\/v1\n/)
  const api = plain(origin)
  await api.sending("POST /emails/send", { body: email })
  await api.management("GET /mailboxes")
  await api.sending("POST /emails/send", { body: { ...email, subject: "" } })
  await program.until("stderr", /422 0003-sending\.emails\.send\.json/)
  program.kill("SIGINT")
  expect(await program.ended).toBe(0)
  expect(program.stdout()).toContain(`3 exchanges were recorded in ${folder}\n`)
  expect(program.stdout() + program.stderr()).not.toContain(keys.mailbox)
  return folder
}

it("what the command record has recorded, the command compare finds the same in the sandbox", async () => {
  const folder = await recorded()
  expect(await run("compare", folder)).toEqual({
    code: 0,
    stdout: "3 exchanges compared, 0 not replayed, 0 differences\n",
    stderr: ""
  })
})

it("the command compare lists differences as text and as JSON, and ends with the exit code 1", async () => {
  const folder = await recorded()
  const file = join(folder, "0001-sending.emails.send.json")
  const text = readFileSync(file, "utf8")
  writeFileSync(file, text.replace('"status": "queued"', '"status": "accepted", "region": "eu"'))
  expect(await run("compare", folder)).toEqual({
    code: 1,
    stdout: [
      "sending.emails.send",
      "  data.status: the sandbox does not know the value accepted; it knows queued (0001-sending.emails.send.json)",
      "  data.region: the sandbox does not have this field (0001-sending.emails.send.json)",
      "3 exchanges compared, 0 not replayed, 2 differences",
      ""
    ].join("\n"),
    stderr: ""
  })
  const json = await run("compare", folder, "--json")
  expect(json.code).toBe(1)
  expect(JSON.parse(json.stdout)).toMatchObject({
    compared: 3,
    skipped: [],
    differences: [
      { operation: "sending.emails.send", kind: "unknown-value", path: "data.status", count: 1 },
      { operation: "sending.emails.send", kind: "unknown-field", path: "data.region", count: 1 }
    ]
  })
})

it("the commands report what they cannot do in one line", async () => {
  const folder = await newFolder()
  writeFileSync(join(folder, "notes.txt"), "mine")
  for (const [args, message] of [
    [["record"], /^error: required option '--to <folder>' not specified\n$/],
    [["record", "--to", folder, "--port", "0"], /^error: .* is not empty; choose a new folder with --to\n$/],
    [
      ["record", "--to", join(folder, "a"), "--upstream", "https://app.sendmux.ai"],
      /^error: --upstream must be the origin of a server on this machine, such as http:\/\/127\.0\.0\.1:4700\n$/
    ],
    [
      ["record", "--to", join(folder, "a"), "--port", "99999"],
      /^error: .*must be an integer from 0 to 65535/
    ],
    [["compare"], /^error: missing required argument 'folder'\n$/],
    [
      ["compare", folder],
      /^error: cannot read the recording: .*recording\.json: there is no such file or folder\n$/
    ]
  ] as const) {
    const { code, stderr, stdout } = await run(...args)
    expect(stderr).toMatch(message)
    expect(stdout).toBe("")
    expect(code).toBeGreaterThan(0)
  }
  for (const command of ["record", "compare"]) {
    const { code, stdout } = await run(command, "--help")
    expect(code).toBe(0)
    expect(stdout).toContain(`Usage: effect-sendmux ${command}`)
  }
})
