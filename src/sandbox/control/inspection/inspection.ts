/**
 * The routes of the control that show the state of the sandbox.
 */
import type { ControlRoute } from "../dispatch.js"

export const inspectionRoutes: ReadonlyArray<ControlRoute> = []
