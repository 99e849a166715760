/**
 * Runs the apps of `docs/examples` as their readers do: apps.mjs <tarball>.
 *
 * Copies them into a folder, with the tarball in the place of the package, and installs all of them by one `npm install`. Starts
 * each by `npm start`, follows what it prints, kills those that must survive it, and checks what arrived in the sandbox.
 */
import { execFile, spawn } from "node:child_process"
import { createHmac } from "node:crypto"
import { once } from "node:events"
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import assert from "node:assert/strict"

const root = fileURLToPath(new URL("../..", import.meta.url))
const tarball = resolve(process.argv[2] ?? "")
const work = mkdtempSync(join(tmpdir(), "sendmux-apps-"))
const run = promisify(execFile)
const startedAt = performance.now()

/** The source file of each app, and the longest of the webhook receivers. */
const apps = {
  "signup-service": "signup.ts",
  newsletter: "newsletter.ts",
  "inbox-worker": "worker.ts",
  "onboarding-cli": "onboard.ts",
  "webhook-receiver": "receiver.ts",
  webhooks: "express.ts"
}

// -----------------------------------------------------------------------------
// install
// -----------------------------------------------------------------------------

const readJson = (path) => JSON.parse(readFileSync(path, "utf8"))
const writeJson = (path, value) => writeFileSync(path, JSON.stringify(value, null, 2))

/** The lines that say what an app does: without imports, comments and empty lines. */
const codeLines = (source) =>
  source
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/^import [^"]*"[^"]+"$/gm, "")
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.trim().startsWith("//")).length

const install = async () => {
  for (const [app, file] of Object.entries(apps)) {
    cpSync(join(root, "docs/examples", app), join(work, app), { recursive: true })
    const path = join(work, app, "package.json")
    const project = readJson(path)
    const source = readFileSync(join(work, app, file), "utf8")
    for (const [, specifier] of source.matchAll(/from "((?!node:|\.)(?:@[^/"]+\/)?[^/"]+)/g)) {
      assert(specifier in project.dependencies, `${app} does not depend on ${specifier}`)
    }
    const length = codeLines(source)
    assert(length <= 70, `${app} has ${length} lines of code`)
    project.dependencies["effect-sendmux"] = `file:${tarball}`
    // Another process of this machine may use the port.
    project.scripts.start = project.scripts.start.replace("sandbox --quiet", "sandbox --port 0 --quiet")
    writeJson(path, project)
  }
  // The native part of SQLite is that of this repository, because building it takes minutes.
  const sqlite = "node_modules/better-sqlite3"
  const { version } = readJson(join(root, sqlite, "package.json"))
  writeJson(join(work, "package.json"), {
    private: true,
    workspaces: Object.keys(apps),
    overrides: { "better-sqlite3": version }
  })
  await run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"], {
    cwd: work
  })
  cpSync(join(root, sqlite, "build"), join(work, sqlite, "build"), { recursive: true })
}

/** Checks the types of all apps, with the types of the tarball and those of the packages that the apps use. */
const compile = async () => {
  const { compilerOptions } = readJson(join(root, "tsconfig.json"))
  const { incremental, paths, tsBuildInfoFile, ...options } = compilerOptions
  writeJson(join(work, "tsconfig.json"), { compilerOptions: options, include: Object.keys(apps) })
  const tsc = join(root, "node_modules/typescript/bin/tsc")
  await run(process.execPath, [tsc, "-p", work]).catch(({ stdout }) => assert.fail(stdout))
}

// -----------------------------------------------------------------------------
// processes
// -----------------------------------------------------------------------------

const running = new Set()

/** Starts a command in the folder of an app, in a process group of its own. */
const start = (app, command, env = {}) => {
  const [name, ...args] = command
  const child = spawn(name, args, {
    cwd: join(work, app),
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true
  })
  running.add(child)
  let output = ""
  let check = () => {}
  const ended = new Promise((done) => {
    child.once("close", (code, signal) => {
      running.delete(child)
      done(code ?? signal)
    })
  })
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      output += text
      check()
    })
  }
  const kill = async (signal = "SIGTERM") => {
    process.kill(-child.pid, signal)
    return await ended
  }
  /** Waits until the output matches. */
  const until = (pattern) =>
    new Promise((found, failed) => {
      check = () => {
        const match = pattern.exec(output)
        if (match !== null) found(match)
      }
      check()
      void ended.then((code) => failed(new Error(`${app} ended with ${code}:\n${output}`)))
    })
  return { ended, kill, output: () => output, until }
}

const freePort = async () => {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address()
  server.close()
  return port
}

/** What an app prints once it can be used, and the origin of its sandbox. */
const npmStart = async (app, env, ready) => {
  const started = start(app, ["npm", "start"], env)
  const [, origin] = await started.until(/listening on (\S+)/)
  await started.until(ready)
  return { ...started, origin }
}

/** A sandbox that survives the app, and the variables with which `npm run live` uses it. */
const serveSandbox = async (...args) => {
  const command = ["effect-sendmux", "sandbox", "--port", "0", "--quiet", ...args]
  const served = start(".", ["npx", "--no", ...command])
  const [, origin] = await served.until(/listening on (\S+)[\s\S]*keys/)
  const env = {
    SENDMUX_MAILBOX_API_KEY: "smx_mbx_sandbox",
    SENDMUX_SENDING_URL: `${origin}/sending/api/v1`,
    SENDMUX_APP_URL: `${origin}/app/api/v1`
  }
  return { ...served, origin, env }
}

/** Runs a curl command that an app has printed. */
const follow = async (command) =>
  (await run("bash", ["-c", `curl -sS ${command.slice("curl ".length)}`])).stdout

const json = async (url, init) => (await fetch(url, init)).json()

const outbox = async (origin) => {
  const emails = []
  for (let query = ""; ; ) {
    const page = await json(`${origin}/__sandbox/outbox${query}`)
    emails.push(...page.emails)
    if (!page.has_more) return emails
    query = `?cursor=${encodeURIComponent(page.next_cursor)}`
  }
}

const waitFor = (origin, query) => json(`${origin}/__sandbox/wait?timeout_ms=30000&${query}`)

const deliver = (origin, subject) =>
  json(`${origin}/__sandbox/inbound`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      to: "agent@sandbox.test",
      from: "ada@example.org",
      subject,
      text: "When?\nToday?"
    })
  })

// -----------------------------------------------------------------------------
// the apps
// -----------------------------------------------------------------------------

const checks = {
  "signup-service": async (app) => {
    const PORT = String(await freePort())
    const { kill, origin, output } = await npmStart(app, { PORT }, /Listening on/)
    const [command] = /curl .*/.exec(output())
    const signUp = `http://127.0.0.1:${PORT}/sign-up`
    assert.equal(await follow(command), "Check your mail\n")
    assert.equal(await follow(command), "Check your mail\n")
    const post = (body) => fetch(signUp, { method: "POST", body })
    assert.equal((await post(new URLSearchParams({ email: "not an address" }))).status, 422)
    assert.equal((await post(new URLSearchParams({ name: "Ada" }))).status, 422)
    const emails = await outbox(origin)
    assert.deepEqual(
      emails.map(({ to }) => to[0].email),
      ["ada@example.org"]
    )
    const link = /href="([^"]+)"/.exec(emails[0].html)[1].replaceAll("&amp;", "&")
    assert.equal((await fetch(link.replace("ada", "eve"))).status, 404)
    const confirmed = await fetch(link)
    assert.deepEqual([confirmed.status, await confirmed.text()], [200, "Welcome\n"])
    await kill()
  },

  newsletter: async (app) => {
    const started = start(app, ["npm", "start"], { LEDGER: "start.sqlite" })
    assert.equal(await started.ended, 0, started.output())
    assert.match(started.output(), /\n5000 of 5000 sent, 0 rejected/)

    const sandbox = await serveSandbox("--latency", "100ms")
    const first = start(app, ["npm", "run", "live"], sandbox.env)
    await first.until(/\n[1-9]\d{2,} of 5000 sent/)
    await first.kill("SIGKILL")
    const { emails: before } = await json(`${sandbox.origin}/__sandbox/counters`)
    assert(before < 5000, "the newsletter was sent before it was killed")
    const second = start(app, ["npm", "run", "live"], sandbox.env)
    assert.equal(await second.ended, 0, second.output())
    const emails = await outbox(sandbox.origin)
    assert.equal(new Set(emails.map(({ to }) => to[0].email)).size, 5000)
    assert.equal(emails.length, 5000)
    await sandbox.kill()
    return `killed after ${before} messages, and each of 5000 was sent once`
  },

  "inbox-worker": async (app) => {
    const started = await npmStart(app, { STATE: "state-of-start" }, /Look at it/)
    const [command] = /curl [\s\S]*?'$/m.exec(started.output())
    await follow(command)
    await started.until(/T\d{6}: replied to "A question" of ada@example\.org/)
    await started.kill()

    const sandbox = await serveSandbox()
    const lose = (operation) =>
      json(`${sandbox.origin}/__sandbox/faults`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ operation, kind: { _tag: "ResponseLost" } })
      })
    await deliver(sandbox.origin, "First")
    const first = start(app, ["npm", "run", "live"], sandbox.env)
    await first.until(/replied to "First"/)
    await lose("mailbox.drafts.send")
    await deliver(sandbox.origin, "Second")
    // The reply has been sent, and the worker has not learned it.
    await waitFor(sandbox.origin, "for=email&subject=Second")
    await first.kill("SIGKILL")
    await deliver(sandbox.origin, "Third")
    const second = start(app, ["npm", "run", "live"], sandbox.env)
    await second.until(/replied to "Third"/)
    await second.kill()
    const emails = await outbox(sandbox.origin)
    assert.deepEqual(
      emails.map(({ subject }) => subject),
      ["Re: First", "Re: Second", "Re: Third"]
    )
    assert.equal(new Set(emails.map(({ text }) => /T\d{6}/.exec(text)[0])).size, 3)
    await sandbox.kill()
    return "killed during a reply, and each message has one"
  },

  "onboarding-cli": async (app) => {
    const started = start(app, ["npm", "start"])
    assert.equal(await started.ended, 0, started.output())
    assert.match(
      started.output(),
      /TXT example\.com "v=spf1 [\s\S]*test mail to ada@example\.org is on its way: eml_/
    )
    const file = join(work, app, "hello@example.com.env")
    assert.match(readFileSync(file, "utf8"), /^SENDMUX_MAILBOX_API_KEY=smx_mbx_\w+\n$/)
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert(!/smx_mbx_(?!sandbox)/.test(started.output()), "the key is printed")

    const help = start(app, ["npm", "run", "onboard", "--", "--help"])
    assert.equal(await help.ended, 0)
    assert.match(help.output(), /--test-to/)
    const without = start(app, ["npm", "run", "onboard", "--", "example.com"], {
      SENDMUX_ROOT_API_KEY: "smx_root_x"
    })
    assert.equal(await without.ended, 1)
    assert.match(without.output(), /--test-to/)
  },

  "webhook-receiver": async (app) => {
    const PORT = String(await freePort())
    const started = await npmStart(app, { PORT, DATABASE: "start.sqlite" }, /See what happened/)
    const [bounce, look] = started.output().match(/curl [\s\S]*?(?:'|suppressed)$/gm)
    await follow(bounce)
    await started.until(/message\.bounced evt_\w+ \[ 'bounce@example\.org' \]/)
    const suppressed = JSON.parse(await follow(look))
    assert.deepEqual(
      suppressed.map(({ address }) => address),
      ["bounce@example.org"]
    )
    await started.kill()

    const secret = "whsec_example"
    const body = JSON.stringify({
      id: "evt_1",
      type: "sendmux.test",
      team_public_id: "team_1",
      occurred_at: "2026-05-21T09:12:00Z",
      data: { recipients: [], webhook_id: "whk_1" }
    })
    const post = async (key) => {
      const timestamp = String(Math.floor(Date.now() / 1000))
      const signature = createHmac("sha256", key).update(`${timestamp}.${body}`).digest("hex")
      const response = await fetch(`http://127.0.0.1:${PORT}/webhooks/sendmux`, {
        method: "POST",
        body,
        headers: {
          "x-sendmux-event-id": "evt_1",
          "x-sendmux-event-type": "sendmux.test",
          "x-sendmux-signature-v2": `v1=${signature}`,
          "x-sendmux-timestamp": timestamp
        }
      })
      return response.status
    }
    const receiver = async () => {
      const live = start(app, ["npm", "run", "live"], { PORT, SENDMUX_WEBHOOK_SECRET: secret })
      await live.until(/Listening/)
      return live
    }
    const first = await receiver()
    assert.deepEqual([await post("another"), await post(secret), await post(secret)], [401, 200, 200])
    await first.kill("SIGKILL")
    const second = await receiver()
    assert.equal(await post(secret), 200)
    await second.kill()
    const handled = (first.output() + second.output()).match(/sendmux\.test evt_1/g)
    assert.equal(handled.length, 1)
    const without = start(app, ["npm", "run", "live"], { PORT })
    assert.equal(await without.ended, 1)
    assert.match(without.output(), /SENDMUX_WEBHOOK_SECRET/)
    return "an event that was delivered three times, before and after a kill, was handled once"
  },

  webhooks: async (app) => {
    const started = start(app, ["npm", "start"])
    assert.equal(await started.ended, 0, started.output())
    assert.match(started.output(), /^. pass 4$/m)
    return "Hono, Next.js and Workers by their handlers, Express over HTTP"
  }
}

const seconds = (since) => ((performance.now() - since) / 1000).toFixed(1)

try {
  await install()
  console.log(`installed the apps in ${seconds(startedAt)} s`)
  await compile()
  console.log(`checked their types, ${seconds(startedAt)} s after the start`)
  const names = process.argv.length > 3 ? process.argv.slice(3) : Object.keys(apps)
  for (const app of names) {
    const since = performance.now()
    const told = await checks[app](app)
    console.log(`${app} works, in ${seconds(since)} s${told === undefined ? "" : `: ${told}`}`)
  }
  console.log(`all apps in ${seconds(startedAt)} s`)
} finally {
  for (const child of running) {
    try {
      process.kill(-child.pid, "SIGKILL")
    } catch {}
  }
  rmSync(work, { recursive: true, force: true })
}
