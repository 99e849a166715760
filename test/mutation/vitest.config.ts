import type { File } from "@vitest/runner"
import { defineConfig } from "vitest/config"
import { BaseSequencer, type Reporter, type TestSpecification, type Vitest } from "vitest/node"
import root from "../../vitest.config.js"
import { groups } from "./groups.js"

const group = groups[process.env["MUTATION_GROUP"] ?? ""]
if (group === undefined) throw new Error(`MUTATION_GROUP must be one of ${Object.keys(groups).join(", ")}`)

const { tests } = group

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

/** Runs the files in the order of the group, the fast ones first, because a run ends with the first failed test. */
class InOrder extends BaseSequencer {
  override async sort(files: Array<TestSpecification>): Promise<Array<TestSpecification>> {
    const rank = ({ moduleId }: TestSpecification): number =>
      tests.findIndex((file) => moduleId.endsWith(file))
    return [...files].sort((one, other) => rank(one) - rank(other))
  }
}

export default defineConfig({
  ...root,
  test: {
    ...root.test,
    include: [...tests],
    reporters: [new LoadingErrors()],
    sequence: { sequencer: InOrder },
    // A mutant that makes a test wait for ever is killed by this limit.
    testTimeout: 8_000,
    hookTimeout: 8_000
  }
})
