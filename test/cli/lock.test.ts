import { spawnSync } from "node:child_process"
import { readdir, readFile, rm, utimes, writeFile } from "node:fs/promises"
import { hostname } from "node:os"
import { join } from "node:path"
import { expect, it } from "vitest"
import { takeLock } from "../../cli/data/lock.js"
import { newFolder } from "./program.js"

/** Writes the lock of another process, which renewed it some seconds ago. */
const held = async (holder: { readonly pid: number; readonly host: string }, age: number) => {
  const folder = await newFolder()
  const path = join(folder, "lock")
  await writeFile(path, JSON.stringify({ ...holder, token: "other" }))
  const renewed = new Date(Date.now() - age * 1000)
  await utimes(path, renewed, renewed)
  return { folder, path }
}

const host = hostname()

/** The id of a process that has ended. */
const endedPid = () => spawnSync(process.execPath, ["--version"]).pid

it("takes a lock at once after the process that held it has ended", async () => {
  const { folder, path } = await held({ pid: endedPid(), host }, 0)
  const lock = await takeLock(path, "the folder")
  expect(await lock.isHeld()).toBe(true)
  await lock.release()
  expect(await readdir(folder)).toEqual([])
})

it("does not take the lock of a living process", async () => {
  const { path } = await held({ pid: process.ppid, host }, 30)
  await expect(takeLock(path, "the folder")).rejects.toThrow(
    `the folder is in use by the process ${process.ppid} on ${host}; end it, or choose another folder with --data`
  )
  expect(await readFile(path, "utf8")).toContain('"other"')
})

it.each([
  ["a living process of this machine that has the id of the holder since a restart", process.ppid, host, 61],
  ["a process of another machine", 1, "elsewhere", 6],
  ["a process with the id of this one, as in a container", process.pid, host, 6]
])("takes a lock that is not renewed any more from %s", async (_, pid, holderHost, age) => {
  const { path } = await held({ pid, host: holderHost }, age)
  const lock = await takeLock(path, "the folder")
  expect(await lock.isHeld()).toBe(true)
  await lock.release()
})

it("lets one of two processes that find an abandoned lock at the same time take it", async () => {
  const { path } = await held({ pid: endedPid(), host }, 0)
  const taken = await Promise.allSettled([takeLock(path, "the folder"), takeLock(path, "the folder")])
  const locks = taken.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []))
  const holds = await Promise.all(locks.map(({ isHeld }) => isHeld()))
  expect(holds.filter((held) => held)).toHaveLength(1)
  for (const { release } of locks) await release()
})

it("notices that the lock is gone, or belongs to another process", async () => {
  const path = join(await newFolder(), "lock")
  const lock = await takeLock(path, "the folder")
  await rm(path)
  expect(await lock.isHeld()).toBe(false)
  const other = await takeLock(path, "the folder")
  expect([await lock.isHeld(), await other.isHeld()]).toEqual([false, true])
  await lock.release()
  expect(await other.isHeld()).toBe(true)
  await other.release()
})
