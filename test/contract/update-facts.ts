/**
 * Writes the facts of the contract from the vendor's documents. Run it by hand after the documents or the corrections
 * in `intended.ts` change: `npx tsx test/contract/update-facts.ts`.
 */
import { mkdirSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import { documentsFolder, hasDocuments, readDocuments } from "./documents.js"
import { factFiles, factsPath, formatFacts } from "./facts.js"
import { toFacts } from "./factsFormat.js"

if (!hasDocuments) throw new Error(`the OpenAPI documents are not in ${documentsFolder}`)
const facts = toFacts(readDocuments())
for (const name of factFiles) {
  const path = factsPath(name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, formatFacts(facts[name]))
  console.log(path)
}
