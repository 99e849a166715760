/**
 * A lock that one process holds as long as it lives. It is a file, whose time the holder renews.
 */
import { randomUUID } from "node:crypto"
import { readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises"
import { hostname } from "node:os"
import { setTimeout as sleep } from "node:timers/promises"
import { parseJson } from "../../src/internal/values/json.js"
import { codeOf, Problem } from "../support/problem.js"

interface Holder {
  readonly pid: number
  readonly host: string
  /** Tells the holder apart from earlier ones with the same process id. */
  readonly token: string
}

const beatMillis = 1_000

/** How old the lock of a process of which nothing else is known has to be to count as abandoned. */
const abandonedMillis = 5_000

/**
 * The same for a process of this host that seems to live. The process that held the lock is gone, and another one has its id now,
 * which happens after a restart of the machine.
 */
const reusedMillis = 60_000

interface Found {
  readonly text: string
  readonly holder: Partial<Holder>
  readonly renewedAt: number
}

const find = async (path: string): Promise<Found | undefined> => {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, "utf8"), stat(path)])
    const holder = parseJson(text)
    return { text, holder: typeof holder === "object" && holder !== null ? holder : {}, renewedAt: mtimeMs }
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined
    throw error
  }
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // The process may belong to another user.
    return codeOf(error) === "EPERM"
  }
}

/**
 * Whether the holder can be looked for. A process on another host, such as another container, cannot. Nor can a process with the id
 * of this one: in containers, the first process always has the same id.
 */
const isHere = ({ host, pid }: Partial<Holder>): boolean => host === hostname() && pid !== process.pid

const isAbandoned = ({ holder, renewedAt }: Found): boolean => {
  const age = Date.now() - renewedAt
  if (!isHere(holder) || holder.pid === undefined) return age > abandonedMillis
  return !isAlive(holder.pid) || age > reusedMillis
}

export interface Lock {
  /** Whether this process still holds the lock. It may have lost it while it was suspended. */
  readonly isHeld: () => Promise<boolean>
  readonly release: () => Promise<void>
}

const hold = (path: string, token: string): Lock => {
  const isHeld = async () => (await find(path))?.holder.token === token
  const beat = setInterval(() => {
    const now = new Date()
    utimes(path, now, now).catch(() => undefined)
  }, beatMillis)
  beat.unref()
  return {
    isHeld,
    release: async () => {
      clearInterval(beat)
      if (await isHeld()) await rm(path, { force: true })
    }
  }
}

/** Removes an abandoned lock, unless another process has replaced it since. */
const remove = async (path: string, token: string, { text }: Found): Promise<void> => {
  const aside = `${path}.${token}`
  try {
    await rename(path, aside)
  } catch (error) {
    if (codeOf(error) === "ENOENT") return
    throw error
  }
  const isOther = (await readFile(aside, "utf8")) !== text
  if (isOther) await rename(aside, path)
  else await rm(aside, { force: true })
}

/** Takes a lock. Throws a `Problem` if another process holds it. `what` is what it protects. */
export const takeLock = async (path: string, what: string): Promise<Lock> => {
  const token = randomUUID()
  const own: Holder = { pid: process.pid, host: hostname(), token }
  let firstSeen: Found | undefined
  for (;;) {
    try {
      await writeFile(path, JSON.stringify(own), { flag: "wx", mode: 0o600 })
      return hold(path, token)
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw error
    }
    const found = await find(path)
    if (found === undefined) continue
    if (isAbandoned(found)) {
      await remove(path, token, found)
      continue
    }
    const isRenewed = firstSeen !== undefined && firstSeen.renewedAt !== found.renewedAt
    // The process may have been killed just before, and its lock is then not renewed any more.
    if (isHere(found.holder) || isRenewed) {
      const { host = "this machine", pid = "of another sandbox" } = found.holder
      throw new Problem(
        `${what} is in use by the process ${pid} on ${host}; end it, or choose another folder with --data`
      )
    }
    firstSeen ??= found
    await sleep(beatMillis / 2)
  }
}
