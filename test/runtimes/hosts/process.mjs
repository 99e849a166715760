/**
 * Runs a program of the probe as an ES module, on Node, Bun and Deno: <file of the program> <job as JSON>.
 */
const [file, job] = process.argv.slice(2)
const { run } = await import(file)
console.log(JSON.stringify(await run(JSON.parse(job))))
process.exit(0)
