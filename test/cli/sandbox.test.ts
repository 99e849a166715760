import { writeFile } from "node:fs/promises"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { version } from "../../src/index.js"
import { mailboxKey, newFolder, rootKey, run, sendEmail, serveSandbox, start } from "./program.js"

describe("the command sandbox", () => {
  it("prints where it listens when it is ready, and serves the API, the control and the page there", async () => {
    const sandbox = await serveSandbox()
    expect(sandbox.stdout()).toBe(
      [
        `listening on ${sandbox.origin}`,
        "  page                 /",
        "  Sending              /sending/api/v1",
        "  Mailbox, Management  /app/api/v1",
        "  control              /__sandbox",
        "  keys                 smx_mbx_sandbox, smx_root_sandbox",
        ""
      ].join("\n")
    )
    expect((await sendEmail(sandbox, "Hello")).status).toBe(200)
    expect(await (await sandbox.get("/__sandbox/outbox")).json()).toMatchObject({
      emails: [{ subject: "Hello" }]
    })
    const page = await sandbox.get("/")
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"])
    expect(page.headers.get("content-security-policy")).toContain("default-src 'none'")
    const html = await page.text()
    const assets = [...html.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, path = ""]) => path)
    expect(assets).toHaveLength(3)
    for (const path of assets) {
      const asset = await sandbox.get(path)
      expect([asset.status, asset.headers.get("x-content-type-options")]).toEqual([200, "nosniff"])
      expect(asset.headers.get("cache-control")).toContain("immutable")
    }
  })

  it("prints one line for each request: time, method, path, operation, status, id, milliseconds and fault", async () => {
    const sandbox = await serveSandbox()
    await sendEmail(sandbox, "Hello")
    await sandbox.get("/nothing?token=smx_secret")
    const kind = { _tag: "ErrorResponse", status: 503 }
    await sandbox.post("/__sandbox/faults", { operation: "sending.emails.send", kind })
    await sendEmail(sandbox, "Hello")
    await sandbox.until("stderr", /\(fault/)
    const time = String.raw`\d\d:\d\d:\d\d\.\d{3}`
    const lines = sandbox.stderr().trimEnd().split("\n")
    expect(lines).toHaveLength(4)
    const expected = [
      String.raw`POST /sending/api/v1/emails/send sending\.emails\.send 200 req_\w+ \d+ ms`,
      String.raw`GET /nothing 404 not_found req_\w+ \d+ ms`,
      String.raw`POST /__sandbox/faults 200 ctl_\w+ \d+ ms`,
      String.raw`POST /sending/api/v1/emails/send sending\.emails\.send 503 service_unavailable req_\w+ \d+ ms \(fault: ErrorResponse\)`
    ]
    for (const [index, line] of expected.entries()) {
      expect(lines[index]).toMatch(new RegExp(`^${time} ${line}$`))
    }
  })

  it("prints no line for requests with --quiet", async () => {
    const sandbox = await serveSandbox("--quiet")
    await sendEmail(sandbox, "Hello")
    sandbox.kill("SIGTERM")
    expect(await sandbox.ended).toBe(0)
    expect(sandbox.stderr()).toBe("")
  })

  it.each(["SIGINT", "SIGTERM"] as const)(
    "ends with exit code 0 on %s, although an event stream and a slow call are open",
    async (signal) => {
      const sandbox = await serveSandbox("--quiet")
      const events = await sandbox.get("/__sandbox/events")
      await sandbox.post("/__sandbox/faults", { kind: { _tag: "Slow", millis: 3_600_000 } })
      const slow = sendEmail(sandbox, "Slow").catch(() => "closed")
      await events.body?.getReader().read()
      sandbox.kill(signal)
      expect(await sandbox.ended).toBe(0)
      expect(await slow).toBe("closed")
    }
  )

  it("prints the faults that no call has met when it ends", async () => {
    const sandbox = await serveSandbox()
    await sandbox.post("/__sandbox/faults", {
      operation: "sending.emails.send",
      kind: { _tag: "BadGateway" }
    })
    sandbox.kill("SIGTERM")
    expect(await sandbox.ended).toBe(0)
    expect(sandbox.stderr()).toMatch(/ warning: .*BadGateway of sending\.emails\.send/)
  })

  it("gives the same ids for the same --seed, and others for another one", async () => {
    const ids = await Promise.all(
      ["7", "7", "8"].map(async (seed) => {
        const sandbox = await serveSandbox("--seed", seed)
        return (await (await sendEmail(sandbox, "Hello")).json()).data.message_id
      })
    )
    expect(ids[0]).toMatch(/^eml_/)
    expect(ids[1]).toBe(ids[0])
    expect(ids[2]).not.toBe(ids[0])
  })

  it("applies --rate-limit and --rate-window", async () => {
    const limitOf = async (response: Promise<Response>) => (await response).headers.get("x-ratelimit-limit")
    const sandbox = await serveSandbox("--rate-limit", "sending=1,mailbox=7", "--rate-window", "1h")
    expect(await limitOf(sandbox.get("/app/api/v1/mailbox/me", mailboxKey))).toBe("7")
    expect(await limitOf(sandbox.get("/app/api/v1/domains", rootKey))).toBe("600")
    expect((await sendEmail(sandbox, "Hello")).status).toBe(200)
    const refused = await sendEmail(sandbox, "Hello")
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(3500)
  })

  it("delays each call to the API by --latency, but not the control", async () => {
    const sandbox = await serveSandbox("--latency", "1h-2h")
    const slow = sendEmail(sandbox, "Slow").catch(() => "closed")
    expect((await sandbox.get("/__sandbox/health")).status).toBe(200)
    expect(await Promise.race([slow, sandbox.get("/__sandbox/health").then(() => "pending")])).toBe("pending")
    const clock = await sandbox.post("/__sandbox/clock", { advance_ms: 7_200_000 })
    expect(clock.status).toBe(200)
    expect(await slow).toMatchObject({ status: 200 })
  })

  it("injects the faults of --faults, which may contain comments", async () => {
    const file = join(await newFolder(), "faults.json")
    await writeFile(
      file,
      `[
        // The first message is refused.
        { "operation": "sending.emails.send", "kind": { "_tag": "RateLimited", "retryAfter": 3 } },
      ]`
    )
    const sandbox = await serveSandbox("--faults", file)
    expect((await sendEmail(sandbox, "Hello")).headers.get("retry-after")).toBe("3")
    expect((await sendEmail(sandbox, "Hello")).status).toBe(200)
    await sandbox.post("/__sandbox/reset", {})
    expect((await sendEmail(sandbox, "Hello")).status).toBe(429)
  })
})

describe("the hosts of the command sandbox", () => {
  it("warns when it listens on other addresses than loopback ones", async () => {
    const sandbox = await start("sandbox", "--port", "0", "--host", "0.0.0.0")
    await sandbox.until("stdout", /keys/)
    expect(sandbox.stderr()).toMatch(
      /^warning: the sandbox listens on 0\.0\.0\.0, so other machines can read .*\n$/
    )
  })

  it("accepts requests for the hosts of --allow-host, and refuses others, also for the page", async () => {
    const sandbox = await serveSandbox("--allow-host", "sendmux.test")
    const statusFor = (host: string, path: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        const { port } = new URL(sandbox.origin)
        import("node:http").then(({ get }) =>
          get({ host: "127.0.0.1", port, path, headers: { host } }, (response) => {
            response.resume()
            resolve(response.statusCode)
          }).on("error", reject)
        )
      })
    expect(await statusFor("sendmux.test", "/__sandbox/health")).toBe(200)
    expect(await statusFor("sendmux.test", "/")).toBe(200)
    expect(await statusFor("evil.test", "/__sandbox/health")).toBe(403)
    expect(await statusFor("evil.test", "/")).toBe(403)
  })

  it("lets pages of the origins of --allow-origin use the control", async () => {
    const sandbox = await serveSandbox("--allow-origin", "https://app.example.com")
    const allowed = await sandbox.get("/__sandbox/health", { origin: "https://app.example.com" })
    expect(allowed.headers.get("access-control-allow-origin")).toBe("https://app.example.com")
    expect((await sandbox.get("/__sandbox/health", { origin: "https://other.example.com" })).status).toBe(403)
  })
})

describe("a program that the command sandbox runs", () => {
  const sandboxed = (...code: ReadonlyArray<string>) =>
    start("sandbox", "--port", "0", "--quiet", "--", process.execPath, "--eval", code.join("\n"))

  it("has the URLs and the keys of the sandbox, and its exit code is that of the command", async () => {
    const program = await sandboxed(
      "const { env } = process",
      "const headers = (key) => ({ authorization: 'Bearer ' + key })",
      "const status = async (url, key) => (await fetch(url, { headers: headers(key) })).status",
      "Promise.all([",
      "  status(env.SENDMUX_SENDING_URL + '/me', env.SENDMUX_MAILBOX_API_KEY),",
      "  status(env.SENDMUX_APP_URL + '/mailbox/me', env.SENDMUX_MAILBOX_API_KEY),",
      "  status(env.SENDMUX_APP_URL + '/domains', env.SENDMUX_ROOT_API_KEY),",
      "  status(env.SENDMUX_SANDBOX_URL + '/__sandbox/health', '')",
      "]).then((statuses) => {",
      "  console.log('statuses', ...statuses)",
      "  process.exitCode = 3",
      "})"
    )
    expect(await program.ended).toBe(3)
    expect(program.stdout()).toMatch(/^listening on .*\n[\s\S]*keys .*\nstatuses 200 200 200 200\n$/)
    expect(program.stderr()).toBe("")
  })

  it("receives the signal that ends the command, and may end in its own time", async () => {
    const program = await sandboxed(
      "process.on('SIGTERM', () => setImmediate(() => { console.log('closed'); process.exit(1) }))",
      "setInterval(() => {}, 1000)",
      "console.log('ready')"
    )
    await program.until("stdout", /ready/)
    program.kill("SIGTERM")
    expect(await program.ended).toBe(0)
    expect(program.stdout()).toMatch(/closed\n$/)
  })

  it("ends the command with 128 and the number of the signal that ended it", async () => {
    expect(await (await sandboxed("process.kill(process.pid, 'SIGKILL')")).ended).toBe(137)
  })

  it("is reported in one line with exit code 127 if it does not exist", async () => {
    expect(await run("sandbox", "--port", "0", "--", "no-such-program", "--option")).toMatchObject({
      code: 127,
      stderr: "error: cannot run no-such-program: there is no such program\n"
    })
  })
})

describe("problems on the command line", () => {
  it("prints the help and the version with exit code 0", async () => {
    const help = await run("sandbox", "--help")
    expect([help.code, help.stderr]).toEqual([0, ""])
    for (const option of ["port", "host", "data", "seed", "rate-limit", "latency", "faults", "quiet"]) {
      expect(help.stdout).toContain(`--${option} `.trimEnd())
    }
    expect(await run("--help")).toMatchObject({ code: 0, stderr: "" })
    expect(await run("--version")).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" })
  })

  it.each([
    [
      ["sandbox", "more", "--", "less"],
      "error: unexpected argument 'more'; a program to run with the sandbox follows after --"
    ],
    [["sandbox", "--prot", "1"], "error: unknown option '--prot' (Did you mean --port?)"],
    [["sandbx"], "error: unknown command 'sandbx' (Did you mean sandbox?)"],
    [
      ["sandbox", "--port", "70000"],
      "error: option '-p, --port <number>' argument '70000' is invalid. It must be an integer from 0 to 65535."
    ],
    [
      ["sandbox", "--latency", "2s-1s"],
      "error: option '--latency <duration>' argument '2s-1s' is invalid. It must be a duration such as 200ms, or a range such as 100ms-2s."
    ],
    [
      ["sandbox", "--rate-window", "10ms"],
      "error: option '--rate-window <duration>' argument '10ms' is invalid. It must be a duration of at least one second, such as 2s or 1m."
    ],
    [
      ["sandbox", "--rate-limit", "sending=0"],
      "error: option '--rate-limit <limits>' argument 'sending=0' is invalid. It must be a positive integer, or a list such as sending=100,mailbox=50 of sending, mailbox, management."
    ],
    [["sandbox", "--seed"], "error: option '--seed <number>' argument missing"]
  ])("reports %j in one line with exit code 2", async (args, line) => {
    expect(await run(...args)).toEqual({ code: 2, stdout: "", stderr: `${line}\n` })
  })

  it("reports a port that is in use in one line with exit code 1", async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const { port } = server.address() as AddressInfo
    try {
      expect(await run("sandbox", "--port", String(port))).toEqual({
        code: 1,
        stdout: "",
        stderr: `error: port ${port} on 127.0.0.1 is in use; choose another one with --port, or a free one with --port 0\n`
      })
    } finally {
      server.close()
    }
  })

  it("reports an invalid origin in one line with exit code 1", async () => {
    const { code, stderr } = await run("sandbox", "--port", "0", "--allow-origin", "example.com")
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error: The allowed origin "example\.com" is not valid\. .*\n$/)
  })

  it.each([
    ["[{]", "1:3: the file is not valid JSON (property name expected)"],
    ["{}", "1:1: the file must be a JSON list of faults"],
    ['[\n  { "kind": { "_tag": "Slow" } }\n]', "2:13: fault 1, kind.millis: is missing"],
    [
      '[\n  { "kind": { "_tag": "BadGateway" } },\n  { "kind": { "_tag": "ErrorResponse", "status": 200 } }\n]',
      "3:50: fault 2, kind.status: must be an integer from 400 to 599"
    ]
  ])(
    "reports the place of the problem in the file of faults %j in one line with exit code 1",
    async (text, line) => {
      const file = join(await newFolder(), "faults.json")
      await writeFile(file, text)
      expect(await run("sandbox", "--faults", file)).toEqual({
        code: 1,
        stdout: "",
        stderr: `error: ${file}:${line}\n`
      })
    }
  )

  it("reports a file of faults that does not exist in one line with exit code 1", async () => {
    expect(await run("sandbox", "--faults", "missing.json")).toEqual({
      code: 1,
      stdout: "",
      stderr: "error: cannot read the file of faults missing.json: there is no such file or folder\n"
    })
  })
})
