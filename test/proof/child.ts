/**
 * The child processes of the proof.
 */
import { type Bundles, bundlePrograms } from "../support/children.js"

export { type Bundles, type Child, start } from "../support/children.js"

/** Bundles the programs of this folder. */
export const bundle = (): Promise<Bundles> => bundlePrograms(["test/proof/server.ts", "test/proof/runner.ts"])
