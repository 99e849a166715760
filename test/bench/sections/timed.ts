/**
 * Sections that compare the processor time of clients.
 */
import { type ClientName, clients } from "../clients/index.js"
import type { JobName } from "../harness/job.js"
import { measureInRounds, type Samples } from "../harness/rounds.js"
import { median, ratioOf, type Value, valueOf } from "../harness/stats.js"
import { megabytes, micros, ratio, thousands } from "../report/format.js"
import { roundsFor, type Section, type SectionResult } from "./section.js"

interface Amounts {
  readonly warmup: number
  readonly units: number
}

interface TimedSection {
  readonly name: string
  readonly title: string
  readonly guide: string
  readonly job: JobName
  /** What one unit is, in the singular. */
  readonly unit: string
  /** The first is the one that all others are compared with. */
  readonly clients: readonly [base: ClientName, ...others: ReadonlyArray<ClientName>]
  /** Further comparisons, each of a client with another one. */
  readonly pairs: ReadonlyArray<readonly [client: ClientName, to: ClientName]>
  readonly full: Amounts & { readonly rounds: number }
  readonly quick: Amounts & { readonly allClients?: boolean }
  /** A further column, such as the throughput. */
  readonly column?: { readonly title: string; readonly of: (wallMicros: number) => string } | undefined
  /** A further fact for the table of goals. */
  readonly fact?:
    | { readonly name: string; readonly client: ClientName; readonly of: (wallMicros: number) => number }
    | undefined
  /** Whether to show the peak of the memory. */
  readonly showPeak?: boolean | undefined
}

/** The name of the fact that holds a ratio. */
export const ratioFact = (section: string, client: ClientName, to: ClientName): string =>
  `${section}: ${client} to ${to}`

const cpuOf = (samples: Samples, client: ClientName) => (samples[client] ?? []).map(({ cpu }) => cpu)
const wallOf = (samples: Samples, client: ClientName) => (samples[client] ?? []).map(({ wall }) => wall)
const peakOf = (samples: Samples, client: ClientName) => (samples[client] ?? []).map(({ peak }) => peak)

const resultOf = (section: TimedSection, samples: Samples): Omit<SectionResult, "note"> => {
  const isMeasured = (client: ClientName): boolean => samples[client] !== undefined
  const [base, ...all] = section.clients
  const others = all.filter(isMeasured)
  const measuredPairs = section.pairs.filter((pair) => pair.every(isMeasured))
  const compare = (client: ClientName, to: ClientName): Value =>
    ratioOf(cpuOf(samples, client), cpuOf(samples, to))
  const row = (client: ClientName): ReadonlyArray<string> => [
    clients[client].label,
    client === base ? "1" : ratio(compare(client, base)),
    micros(median(cpuOf(samples, client))),
    micros(median(wallOf(samples, client))),
    ...(section.column === undefined ? [] : [section.column.of(median(wallOf(samples, client)))]),
    ...(section.showPeak === true ? [megabytes(median(peakOf(samples, client)))] : [])
  ]
  const header = [
    "",
    `CPU, ratio to ${clients[base].label}`,
    `CPU per ${section.unit}`,
    `wall time per ${section.unit}`,
    ...(section.column === undefined ? [] : [section.column.title]),
    ...(section.showPeak === true ? ["peak memory of the process"] : [])
  ]
  const pairs = measuredPairs.map(([client, to]) => [
    clients[client].label,
    clients[to].label,
    ratio(compare(client, to))
  ])
  const facts: Record<string, Value> = {}
  for (const client of others) facts[ratioFact(section.name, client, base)] = compare(client, base)
  for (const [client, to] of measuredPairs) facts[ratioFact(section.name, client, to)] = compare(client, to)
  if (section.fact !== undefined) {
    facts[section.fact.name] = valueOf(wallOf(samples, section.fact.client).map(section.fact.of))
  }
  return {
    tables: [
      { header, rows: [base, ...others].map(row) },
      ...(pairs.length === 0 ? [] : [{ header: ["", "compared with", "CPU, ratio"], rows: pairs }])
    ],
    facts
  }
}

/** A quick run measures Effect's own client only where it is the base, and where the section asks for all clients. */
const clientsOf = ({ clients: all, quick }: TimedSection, quickly: boolean): ReadonlyArray<ClientName> =>
  quickly && quick.allClients !== true
    ? all.filter((client, index) => index === 0 || !/^(json|bare|careful)-/.test(client))
    : all

export const timed = (section: TimedSection): Section => ({
  name: section.name,
  title: section.title,
  guide: section.guide,
  run: async (options) => {
    const { units, warmup } = options.quick ? section.quick : section.full
    const rounds = roundsFor(options, section.full.rounds)
    const request = { job: section.job, origin: options.origin, warmup, units }
    const samples = await measureInRounds(clientsOf(section, options.quick), rounds, request)
    const note = `Rounds: ${rounds.rounds}, each with a warm-up of ${thousands(warmup)} and ${thousands(units)} measured.`
    return { ...resultOf(section, samples), note }
  }
})
