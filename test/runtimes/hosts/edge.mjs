/**
 * Runs the bundle of a program in an edge runtime, which has the globals of the web platform only: <file of the bundle> <job>.
 */
import { readFileSync } from "node:fs"
import { EdgeVM } from "@edge-runtime/vm"

const [file, job] = process.argv.slice(2)
const vm = new EdgeVM({ initialCode: readFileSync(file, "utf8") })
console.log(JSON.stringify(await vm.evaluate(`program.run(${job})`)))
process.exit(0)
