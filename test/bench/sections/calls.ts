/**
 * Sections for calls with small requests and responses.
 */
import { timed } from "./timed.js"

export const send = timed({
  name: "send",
  title: "Sending a message",
  guide: `One message of 2.5 KB per call, in the steady state: after a warm-up that lets the runtime compile what is used.
All clients get the same message and a response of the same size.`,
  job: "send",
  unit: "call",
  clients: [
    "fetch",
    "undici",
    "json-undici",
    "bare-undici",
    "careful-undici",
    "sdk-undici",
    "bare-fetch",
    "careful-fetch",
    "sdk-fetch",
    "resend",
    "postmark",
    "ses",
    "openai"
  ],
  pairs: [
    ["sdk-undici", "resend"],
    ["sdk-undici", "postmark"],
    ["sdk-undici", "ses"],
    ["sdk-undici", "openai"],
    ["sdk-undici", "bare-undici"],
    ["sdk-undici", "careful-undici"],
    ["sdk-fetch", "resend"],
    ["sdk-fetch", "bare-fetch"],
    ["sdk-fetch", "careful-fetch"]
  ],
  full: { warmup: 3_000, units: 4_000, rounds: 5 },
  quick: { warmup: 100, units: 300, allClients: true }
})

export const cold = timed({
  name: "cold",
  title: "Sending a message, cold start",
  guide: `The first calls of a process: 1,500 after only 300. Most of the code is not compiled yet, so the amount of code that
a call passes through counts more than it does in the steady state.`,
  job: "send",
  unit: "call",
  clients: ["fetch", "undici", "bare-undici", "sdk-undici", "bare-fetch", "sdk-fetch", "resend"],
  pairs: [
    ["sdk-undici", "bare-undici"],
    ["sdk-fetch", "bare-fetch"],
    ["sdk-undici", "resend"]
  ],
  full: { warmup: 300, units: 1_500, rounds: 5 },
  quick: { warmup: 50, units: 250 }
})

export const batch = timed({
  name: "batch",
  title: "Sending a batch of 100 messages",
  guide: `100 messages in one request of 250 KB. SES is missing, because it has no batch of different messages without stored
templates.`,
  job: "batch",
  unit: "batch",
  clients: [
    "fetch",
    "undici",
    "bare-undici",
    "careful-undici",
    "sdk-undici",
    "bare-fetch",
    "careful-fetch",
    "sdk-fetch",
    "resend",
    "postmark"
  ],
  pairs: [
    ["sdk-undici", "resend"],
    ["sdk-undici", "bare-undici"],
    ["sdk-undici", "careful-undici"],
    ["sdk-fetch", "bare-fetch"],
    ["sdk-fetch", "careful-fetch"]
  ],
  full: { warmup: 400, units: 400, rounds: 3 },
  quick: { warmup: 8, units: 16 }
})

const campaigns = {
  unit: "message",
  clients: ["resend", "sdk-undici", "sdk-fetch"],
  pairs: [],
  full: { warmup: 40_000, units: 40_000, rounds: 3 },
  quick: { warmup: 2_000, units: 4_000 }
} as const

export const campaign = timed({
  name: "campaign",
  title: "Sending a campaign",
  guide: `Per message of a campaign of many batches. \`Bulk.send\` checks each message, records each batch in a ledger in
memory before it is sent, and the outcomes after. With \`resend\` it is a loop by hand around its batch call, which neither
checks the messages nor records anything.`,
  job: "campaign",
  ...campaigns
})

export const durableCampaign = timed({
  name: "campaign-sqlite",
  title: "Sending a campaign with a ledger in SQLite",
  guide: "The same with a ledger in an SQLite file, each commit of which is written to the disk.",
  job: "campaign-sqlite",
  ...campaigns
})

const pages = {
  unit: "page",
  clients: ["fetch", "undici", "bare-undici", "sdk-undici", "bare-fetch", "sdk-fetch"],
  pairs: [
    ["sdk-undici", "undici"],
    ["sdk-undici", "bare-undici"],
    ["sdk-fetch", "bare-fetch"]
  ],
  full: { warmup: 3_000, units: 1_000, rounds: 3 },
  quick: { warmup: 16, units: 32 }
} as const

export const messages = timed({
  name: "messages",
  title: "Reading a page of 100 messages",
  guide: `A page of a mailbox's messages, 53 KB. By hand the response is only parsed with \`JSON.parse\`, while the SDK decodes
and checks each field, and turns timestamps into \`DateTime\`. The goals are compared with \`fetch\` by hand.`,
  job: "messages",
  ...pages
})

export const logs = timed({
  name: "logs",
  title: "Reading a page of 100 log entries",
  guide:
    "The same with a page of the delivery log, 53 KB, whose entries are flat objects with two timestamps each.",
  job: "logs",
  ...pages
})

export const mockSend = timed({
  name: "mock-send",
  title: "Sending without a network",
  guide: `The share of the library itself: an \`HttpClient\` that returns a prepared response in the same process.`,
  job: "send",
  unit: "call",
  clients: ["bare-mock", "json-mock", "careful-mock", "sdk-mock"],
  pairs: [["sdk-mock", "careful-mock"]],
  full: { warmup: 10_000, units: 20_000, rounds: 5 },
  quick: { warmup: 200, units: 400 }
})

export const mockMessages = timed({
  name: "mock-messages",
  title: "Reading a page of 100 messages without a network",
  guide: "The same for a page of messages.",
  job: "messages",
  unit: "page",
  clients: ["json-mock", "bare-mock", "sdk-mock"],
  pairs: [["sdk-mock", "bare-mock"]],
  full: pages.full,
  quick: pages.quick
})
