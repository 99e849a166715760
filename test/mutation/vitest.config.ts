import type { File } from "@vitest/runner"
import { defineConfig } from "vitest/config"
import type { Reporter, Vitest } from "vitest/node"
import root from "../../vitest.config.js"
import { groups } from "./groups.js"

const group = groups[process.env["MUTATION_GROUP"] ?? ""]
if (group === undefined) throw new Error(`MUTATION_GROUP must be one of ${Object.keys(groups).join(", ")}`)

/**
 * Reports a test file that cannot be loaded as an error of the run. Stryker counts failed tests only, and such a file has
 * no tests, so that a mutant which breaks the loading of a module would count as a survivor.
 */
class LoadingErrors implements Reporter {
  private vitest: Vitest | undefined

  onInit(vitest: Vitest): void {
    this.vitest = vitest
  }

  onFinished(files: ReadonlyArray<File> = []): void {
    for (const file of files) {
      if (file.tasks.length > 0 || file.result?.state !== "fail") continue
      this.vitest?.state.errorsSet.add(new Error(`${file.name} could not be loaded`))
    }
  }
}

export default defineConfig({
  ...root,
  test: {
    ...root.test,
    include: [...group.tests],
    reporters: [new LoadingErrors()],
    // A mutant that makes a test wait for ever is killed by this limit.
    testTimeout: 15_000,
    hookTimeout: 15_000
  }
})
