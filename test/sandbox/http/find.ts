/** Finds the documented operation of a plain request. */
import type { Surface } from "../../../src/internal/operation/operation.js"
import type { Contract, DocumentedOperation } from "../../contract/contract.js"

const isSending = (surface: Surface): boolean => surface === "sending"

/** Finds the operation of a request such as `GET /mailbox/me`. A literal path takes precedence over one with parameters. */
export const findOperation = (
  { operations }: Contract,
  surface: Surface,
  line: string
): DocumentedOperation | undefined => {
  const [method, target = ""] = line.split(" ")
  const [path = ""] = target.split("?")
  return operations
    .filter((one) => one.http === method && isSending(one.surface) === isSending(surface))
    .sort((a, b) => a.path.split("{").length - b.path.split("{").length)
    .find((one) => new RegExp(`^${one.path.replace(/\{\w+\}/g, "[^/]+")}$`).test(path))
}
