#!/usr/bin/env node
/**
 * The command line program of the package.
 */
import { runProgram } from "./program.js"

process.exitCode = await runProgram(process.argv.slice(2))
