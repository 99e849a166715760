/**
 * The engine of the workflows, and the ledger: in one SQLite file for one machine, in PostgreSQL for many.
 */
import * as ClusterWorkflowEngine from "@effect/cluster/ClusterWorkflowEngine"
import * as RunnerAddress from "@effect/cluster/RunnerAddress"
import * as SingleRunner from "@effect/cluster/SingleRunner"
import * as NodeClusterSocket from "@effect/platform-node/NodeClusterSocket"
import * as PgClient from "@effect/sql-pg/PgClient"
import * as SqliteClient from "@effect/sql-sqlite-node/SqliteClient"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import * as LedgerSql from "effect-sendmux/LedgerSql"
import { sendPartLayer } from "./workflow.js"

/** The engine finds itself, and what it has to continue, at these intervals. By default they are seconds long. */
const shardingConfig = {
  refreshAssignmentsInterval: "200 millis",
  entityMessagePollInterval: "500 millis",
  // A page that is interrupted is continued by the next process, so that the end need not wait for it.
  entityTerminationTimeout: "1 second"
} as const

/**
 * Runs the workflows of this file, and continues those that an earlier process has left.
 *
 * The runner is kept in memory, because this engine is the only one. In SQL it would wait after a crash until the locks of
 * its predecessor have expired.
 */
export const oneMachine = (filename: string) =>
  sendPartLayer.pipe(
    Layer.provideMerge(ClusterWorkflowEngine.layer),
    Layer.provideMerge(SingleRunner.layer({ runnerStorage: "memory", shardingConfig })),
    Layer.provideMerge(LedgerSql.layer),
    Layer.provide(SqliteClient.layer({ filename }))
  )

/**
 * Runs the workflows of this database together with the other machines. When a machine is gone, the others continue its
 * workflows. PostgreSQL releases the locks of a machine when its connection ends.
 */
export const manyMachines = (options: {
  readonly database: Redacted.Redacted
  /** Where the other machines reach this one. */
  readonly host: string
  readonly port: number
}) =>
  sendPartLayer.pipe(
    Layer.provideMerge(ClusterWorkflowEngine.layer),
    Layer.provideMerge(
      NodeClusterSocket.layer({
        storage: "sql",
        shardingConfig: {
          ...shardingConfig,
          runnerAddress: Option.some(RunnerAddress.make(options.host, options.port)),
          runnerHealthCheckInterval: "1 second"
        }
      })
    ),
    Layer.provideMerge(LedgerSql.layer),
    Layer.provide(PgClient.layer({ url: options.database }))
  )
