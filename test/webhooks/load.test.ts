import * as Http from "node:http"
import type { AddressInfo } from "node:net"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import * as HttpServer from "@effect/platform/HttpServer"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { Pool } from "undici"
import * as Webhooks from "../../src/Webhooks.js"
import { quiet } from "../support/dialect/telemetry.js"
import { bodyOf, named, secret, signedV1, signedV2 } from "../support/webhooks.js"

const total = 5_000
const atOnce = 200
const forgedCount = total * 0.05
const duplicateCount = total * 0.1
const genuineCount = total - forgedCount - duplicateCount

interface Delivery {
  readonly id: string
  readonly forged: boolean
}

/** Alternates duplicates that follow their original at once with late ones, and spreads forgeries evenly. */
const plan = (): ReadonlyArray<Delivery> => {
  const deliveries: Array<Delivery> = []
  const late: Array<Delivery> = []
  const everyNth = Math.floor(genuineCount / duplicateCount)
  let duplicates = 0
  let forged = 0
  for (let index = 0; index < genuineCount; index++) {
    const genuine = { id: `evt_${index}`, forged: false }
    deliveries.push(genuine)
    if (index % everyNth === 0 && duplicates < duplicateCount) {
      duplicates++
      if (index % 2 === 0) deliveries.push(genuine)
      else late.push(genuine)
    }
    if (index % 17 === 0 && forged < forgedCount)
      deliveries.push({ id: `evt_forged_${forged++}`, forged: true })
  }
  return [...deliveries, ...late]
}

/** Forges with a guessed secret, a changed body, or an invalid version 2 signature beside a valid version 1 signature. */
const requestOf = ({ id, forged }: Delivery, index: number, attempt: number) => {
  const body = bodyOf({ id })
  const timestamp = Math.floor(Date.now() / 1000)
  const genuine = { ...signedV1(body), ...signedV2(body, secret, timestamp), ...named(id) }
  const numbered = { ...genuine, "X-Sendmux-Delivery-Attempt": String(attempt) }
  if (!forged) return { body, headers: numbered }
  switch (index % 3) {
    case 0:
      return { body, headers: { ...named(id), ...signedV2(body, "whsec_guessed", timestamp) } }
    case 1:
      return { body: body.replace("ada@", "eve@"), headers: numbered }
    default:
      return { body, headers: { ...numbered, "X-Sendmux-Signature-V2": `v1=${"0".repeat(64)}` } }
  }
}

const heapUsed = (): number => {
  setFlagsFromString("--expose-gc")
  runInNewContext("gc")()
  return process.memoryUsage().heapUsed
}

it.scopedLive(
  "handles each genuine event of 5,000 deliveries, 200 at a time, exactly once and rejects the forged ones",
  () =>
    Effect.gen(function* () {
      const handled = new Map<string, number>()
      const begun = new Map<string, number>()
      const app = Webhooks.httpApp(
        { secrets: [Redacted.make("whsec_next"), Redacted.make(secret)] },
        (event) =>
          Effect.gen(function* () {
            const times = (begun.get(event.id) ?? 0) + 1
            begun.set(event.id, times)
            yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
            if (event.id.endsWith("00") && times === 1) return yield* Effect.fail("not yet")
            handled.set(event.id, (handled.get(event.id) ?? 0) + 1)
          })
      )
      const server = Http.createServer()
      yield* Layer.build(
        HttpServer.serve(app).pipe(
          Layer.provide([
            NodeHttpServer.layer(() => server, { port: 0, host: "127.0.0.1" }),
            Webhooks.DedupeStore.layerMemory(),
            quiet
          ])
        )
      )
      const { port } = server.address() as AddressInfo
      const pool = yield* Effect.acquireRelease(
        Effect.sync(() => new Pool(`http://127.0.0.1:${port}`, { connections: atOnce })),
        (self) => Effect.promise(() => self.destroy())
      )

      const statuses = new Map<string, number>()
      const deliver = async (delivery: Delivery, index: number, attempt = 1): Promise<void> => {
        const { statusCode, body } = await pool.request({
          method: "POST",
          path: "/hook",
          ...requestOf(delivery, index, attempt)
        })
        await body.dump()
        const kind = `${delivery.forged ? "forged" : "genuine"} ${statusCode}`
        statuses.set(kind, (statuses.get(kind) ?? 0) + 1)
        if (statusCode === 500 && attempt < 5) await deliver(delivery, index, attempt + 1)
      }

      const deliveries = plan()
      expect(deliveries).toHaveLength(total)
      const heaps: Array<number> = []
      for (const [from, to] of [
        [0, total / 2],
        [total / 2, total]
      ] as const) {
        yield* Effect.forEach(
          deliveries.slice(from, to),
          (delivery, index) => Effect.promise(() => deliver(delivery, from + index)),
          { concurrency: atOnce, discard: true }
        )
        heaps.push(heapUsed())
      }

      expect(handled.size).toBe(genuineCount)
      expect(new Set(handled.values())).toEqual(new Set([1]))
      expect([...begun.keys()].some((id) => id.startsWith("evt_forged"))).toBe(false)
      expect(statuses.get("forged 401")).toBe(forgedCount)
      expect(statuses.get("genuine 200")).toBe(total - forgedCount)
      expect(new Set(statuses.keys())).toEqual(new Set(["forged 401", "genuine 200", "genuine 500"]))
      const [half = 0, whole = 0] = heaps
      expect(whole - half).toBeLessThan(4 * 1024 * 1024)
    })
)
