/**
 * Runs the command `compare`.
 */
import * as Effect from "effect/Effect"
import * as Sandbox from "../../src/Sandbox.js"
import { readRecording } from "../record/recording.js"
import { serveOn } from "../sandbox/serve.js"
import { ProgramEnd } from "../support/problem.js"
import { compare } from "./compare.js"
import { reportText } from "./report.js"

/** Limits that a recording does not reach. */
const unlimited = 1_000_000_000

/** Compares a recording with a new sandbox, and prints the differences. Rejects with a `Problem` or a `ProgramEnd`. */
export const runCompare = async (
  folder: string,
  { json }: { readonly json?: true | undefined }
): Promise<void> => {
  const { exchanges, manifest } = readRecording(folder)
  const comparison = await Effect.gen(function* () {
    const { httpApp } = yield* Sandbox.make({
      limits: { sending: unlimited, mailbox: unlimited, management: unlimited }
    })
    const { origin } = yield* serveOn({ host: "127.0.0.1", port: 0 }, httpApp)
    return yield* Effect.promise(() => compare(origin, exchanges))
  }).pipe(Effect.scoped, Effect.runPromise)
  console.log(
    json === true
      ? JSON.stringify({ recorded_by: manifest.version, ...comparison }, null, 2)
      : reportText(comparison)
  )
  if (comparison.differences.length > 0) throw new ProgramEnd(1)
}
