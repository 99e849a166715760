/**
 * Rounds: each runs every client once, in its own process, and begins with another client than the round before. A busy
 * moment of the machine then affects the clients of a round alike, and ratios are taken inside a round.
 */
import type { MeasureRequest, Sample } from "../children/measure.js"
import { type ClientName, clients } from "../clients/index.js"
import { runChild } from "./child.js"

/** The samples of each client, one for each round. */
export type Samples = Readonly<Record<string, ReadonlyArray<Sample>>>

export interface Rounds {
  readonly rounds: number
  /** Whether to run two processes at a time, to save time where the results are not used. */
  readonly inPairs: boolean
}

export const inRounds = async <Name extends string, A>(
  names: ReadonlyArray<Name>,
  { inPairs, rounds }: Rounds,
  measure: (name: Name) => Promise<A>
): Promise<Readonly<Record<string, ReadonlyArray<A>>>> => {
  const samples: Record<string, Array<A>> = Object.fromEntries(names.map((name) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    const start = round % names.length
    const waiting = [...names.slice(start), ...names.slice(0, start)]
    const worker = async (): Promise<void> => {
      for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
        samples[name]?.push(await measure(name))
      }
    }
    await Promise.all(inPairs ? [worker(), worker()] : [worker()])
  }
  return samples
}

export const measureInRounds = (
  names: ReadonlyArray<ClientName>,
  rounds: Rounds,
  request: Omit<MeasureRequest, "client">
): Promise<Samples> =>
  inRounds(names, rounds, (client) => {
    const input: MeasureRequest = { ...request, client }
    return runChild<Sample>(
      "test/bench/children/measure.ts",
      input,
      `${request.job} by ${clients[client].label}`
    )
  })
