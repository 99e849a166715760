/** The home page. Its figures come from the pages that state how they were measured. */
import { allOperations } from "../../src/testing/operations.js"
import { read, writePage } from "./repository.js"

/** A row of the goals in `docs/benchmarks.md`. */
const measured = (goal: string): string => {
  const row = read("docs/benchmarks.md")
    .split("\n")
    .map((line) => line.split("|").map((cell) => cell.trim()))
    .find((cells) => cells[1] === goal)
  const figure = row?.[3]?.replace(/ \(.*$/, "")
  if (figure === undefined || figure === "") {
    throw new Error(`The home page states a figure that docs/benchmarks.md no longer has: ${goal}`)
  }
  return figure
}

const share = (goal: string): string => `${Math.round(Number(measured(goal)) * 100)} %`

/** The first example of the README, which the tests compile and run. */
const example = (): string => {
  const block = /^```ts\n[\s\S]*?^```\n/m.exec(read("README.md"))?.[0]
  if (block === undefined) throw new Error("README.md has no example for the home page")
  return block
}

export const writeHome = (): void => writePage("index.md", homeText())

export const homeText = (): string => `---
layout: home
title: effect-sendmux
titleTemplate: An Effect SDK for the Sendmux email API
hero:
  name: effect-sendmux
  text: Email with Effect
  tagline: An SDK for the Sendmux email API, for Effect 3 and Effect 4. Each surface of the API is a layer, each failure is typed, and each list is a stream.
  actions:
    - theme: brand
      text: Get started
      link: /overview
    - theme: alt
      text: Operations
      link: /operations/
    - theme: alt
      text: Reference
      link: /reference/
features:
  - title: ${allOperations.length} operations
    details: The Sending, Mailbox and Management surfaces, with their limits checked before a request is sent.
    link: /operations/
  - title: Typed errors
    details: Every failure says what is wrong and carries the id of the request. None contains a secret.
    link: /guides/errors-and-retries
  - title: A sandbox
    details: The API in memory, for tests and development. It needs no account and no network.
    link: /guides/testing
  - title: Bulk sending
    details: Campaigns and an outbox that continue after a crash, with each message once.
    link: /guides/bulk
  - title: Live mailboxes
    details: Events, and a local copy of a mailbox that stays up to date.
    link: /guides/live-events-and-sync
  - title: Webhooks
    details: Verify deliveries and handle each event once, on any server and at the edge.
    link: /guides/webhooks
---

<div class="home-content">

## A message

This program runs against the sandbox, so it needs no API key. [Get started](./overview.md) shows how to use the API itself.

${example()}
With Effect 4, import from \`effect-sendmux/v4\` instead: [Effect 3 and Effect 4](./guides/effect-4.md).

## What it costs

| Measured | Result |
|---|---|
| Processor time to send a message over undici, compared with the \`resend\` SDK | ${share("send over undici, to `resend`")} |
| The same, compared with Effect's client that decodes the response and nothing else | ${share("send over undici, to Effect's bare client")} |
| Time until the first call has ended in a new process, compared with the same client | ${share("cold start over undici, to Effect's bare client")} |
| Memory that grows in a stream of 100,000 messages | ${measured("growth in a stream of 100,000 messages")} |
| What \`Sending\` adds to a bundle that contains Effect, compressed | ${measured("Sending over the floor, gzip")} |

[Benchmarks](./guides/benchmarks.md) has all measurements, including the goals that were missed, and how to repeat them.
[Runtimes](./guides/runtimes.md) lists where a probe runs the package, and [Reliability](./guides/reliability.md) what is
promised about failures, limits and secrets.

## An independent project

This project is not made, endorsed or supported by Sendmux. It sends data to the Sendmux API only. For assistants, the guides
and the operations are also one Markdown file: <a href="./llms-full.txt" target="_self">llms-full.txt</a>.

</div>
`
