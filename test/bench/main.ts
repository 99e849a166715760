import { compile } from "./harness/build.js"
import { withServer } from "./harness/loopback.js"
import { sectionText } from "./report/terminal.js"
import * as calls from "./sections/calls.js"
import * as streams from "./sections/streams.js"

const all = [...Object.values(calls), ...Object.values(streams)].filter(
  (s): s is import("./sections/section.js").Section => typeof s === "object"
)
const only = process.argv[2]?.split(",")
let at = Date.now()
const tick = (what: string) => {
  console.log(`  [${what} ${Date.now() - at} ms]\n`)
  at = Date.now()
}
await compile()
tick("compile")
await withServer(async (origin) => {
  for (const s of all) {
    if (only && !only.includes(s.name)) continue
    try {
      console.log(sectionText(s.title, await s.run({ origin, quick: true, rounds: undefined })))
    } catch (e) {
      console.log(s.name, String(e).slice(0, 1500))
    }
    tick(s.name)
  }
})
