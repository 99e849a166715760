/**
 * The engine of the workflows, and the ledger, in one SQLite file for one machine.
 *
 * For many machines replace `SqliteClient.layer` by `PgClient.layer`, and `SingleRunner.layer` by
 * `NodeClusterSocket.layer({ storage: "sql" })` of `@effect/platform-node`: the workflows and the ledger stay as they are.
 *
 * The runner is kept in memory, because this engine is the only one. In SQL it would wait after a crash until the locks of
 * its predecessor have expired.
 */
import * as ClusterWorkflowEngine from "@effect/cluster/ClusterWorkflowEngine"
import * as SingleRunner from "@effect/cluster/SingleRunner"
import * as SqliteClient from "@effect/sql-sqlite-node/SqliteClient"
import * as Layer from "effect/Layer"
import * as LedgerSql from "effect-sendmux/LedgerSql"
import { sendPartLayer } from "./workflow.js"

/** The engine finds itself, and what it has to continue, at these intervals. By default they are seconds long. */
const shardingConfig = {
  refreshAssignmentsInterval: "200 millis",
  entityMessagePollInterval: "500 millis",
  // A page that is interrupted is continued by the next process, so that the end need not wait for it.
  entityTerminationTimeout: "1 second"
} as const

/** Runs the workflows of this file, and continues those that an earlier process has left. */
export const oneMachine = (filename: string) =>
  sendPartLayer.pipe(
    Layer.provideMerge(ClusterWorkflowEngine.layer),
    Layer.provideMerge(SingleRunner.layer({ runnerStorage: "memory", shardingConfig })),
    Layer.provideMerge(LedgerSql.layer),
    Layer.provide(SqliteClient.layer({ filename }))
  )
