/** The fields of the input of an operation. */
import ts from "typescript"
import type { Method, Parameter } from "./source.js"

export interface Field {
  readonly name: string
  readonly type: string
  readonly isRequired: boolean
  readonly description: string
}

export const isOptions = ({ text }: Parameter): boolean => /Options(?:<.*>)?$/.test(text)

export const isText = ({ type }: Parameter): boolean => (type.flags & ts.TypeFlags.String) !== 0

/** The parameter with the fields of the request, if there is one. */
export const inputOf = ({ parameters }: Method): Parameter | undefined =>
  parameters.find((parameter) => !isText(parameter) && !isOptions(parameter) && !parameter.type.isUnion())

const flags = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.UseSingleQuotesForStringLiteralType

/** A type as readers of a table need it. */
const typeText = (checker: ts.TypeChecker, type: ts.Type): string =>
  checker
    .typeToString(type, undefined, flags)
    .replaceAll("'", '"')
    .replaceAll(/\(?string & \{\}\)? \| (.+)$/g, "$1 | string")
    .replaceAll(/readonly /g, "")
    .replaceAll("Uint8Array<ArrayBufferLike>", "Uint8Array")
    .replaceAll(/(\?: [^;{}]*?) \| undefined(?=;)/g, "$1")
    .replace(/ \| undefined$/, "")
    .replaceAll("; }", " }")

export const fieldsOf = (checker: ts.TypeChecker, method: Method): ReadonlyArray<Field> => {
  const input = inputOf(method)
  if (input === undefined) return []
  return checker
    .getPropertiesOfType(input.type)
    .map((symbol) => ({
      name: symbol.name,
      type: typeText(checker, checker.getTypeOfSymbol(symbol)),
      isRequired: (symbol.flags & ts.SymbolFlags.Optional) === 0,
      description: ts.displayPartsToString(symbol.getDocumentationComment(checker))
    }))
    .sort((one, other) => Number(other.isRequired) - Number(one.isRequired))
}
