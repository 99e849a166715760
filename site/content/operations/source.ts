/** Reads the methods of the operations, and their docstrings, from the sources. */
import { join } from "node:path"
import ts from "typescript"
import { allOperations } from "../../../src/testing/operations.js"
import { root } from "../repository.js"

export type Operation = (typeof allOperations)[number]

export interface Parameter {
  readonly name: string
  readonly isOptional: boolean
  readonly type: ts.Type
  /** The type as the source writes it. */
  readonly text: string
}

export interface Method {
  readonly operation: Operation
  /** The declared type, such as `Method<[email: EmailInput], SendResult>`. */
  readonly declared: string
  /** The interface that declares the method, such as `Emails`. */
  readonly owner: string
  readonly description: string
  readonly example: string | undefined
  readonly see: ReadonlyArray<string>
  readonly parameters: ReadonlyArray<Parameter>
}

export interface Source {
  readonly checker: ts.TypeChecker
  readonly methods: ReadonlyArray<Method>
}

const services = { sending: "Sending", mailbox: "Mailbox", management: "Management" } as const

export const serviceOf = (operation: Operation): string => services[operation.surface]

const program = (): ts.Program => {
  const { config } = ts.readConfigFile(join(root, "src/tsconfig.json"), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, join(root, "src"))
  return ts.createProgram(
    Object.values(services).map((name) => join(root, "src", `${name}.ts`)),
    { ...options, noEmit: true, stripInternal: false, declaration: false }
  )
}

/** Reads all operations. It parses the sources once, which takes a few seconds. */
export const readSource = (): Source => {
  const parsed = program()
  const checker = parsed.getTypeChecker()
  const interfaceOf = (service: string): ts.Type => {
    const file = parsed.getSourceFile(join(root, "src", `${service}.ts`))
    const module = file && checker.getSymbolAtLocation(file)
    const found = module && checker.tryGetMemberInModuleExports(`${service}Service`, module)
    if (found === undefined) throw new Error(`src/${service}.ts exports no ${service}Service`)
    return checker.getDeclaredTypeOfSymbol(found)
  }
  const methods = allOperations.map((operation): Method => {
    const group = memberOf(checker, interfaceOf(serviceOf(operation)), operation.group, operation.name)
    const method = memberOf(checker, checker.getTypeOfSymbol(group), operation.method, operation.name)
    const declaration = method.valueDeclaration
    if (declaration === undefined || !ts.isPropertySignature(declaration)) {
      throw new Error(`The method of ${operation.name} is not a property of an interface`)
    }
    const tags = ts.getJSDocTags(declaration)
    const tag = (name: string): ReadonlyArray<string> =>
      tags
        .filter(({ tagName }) => tagName.text === name)
        .map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? "")
    return {
      operation,
      declared: (declaration.type?.getText() ?? "").replace(/\s+/g, " "),
      owner: ts.isInterfaceDeclaration(declaration.parent) ? declaration.parent.name.text : "",
      description: ts.displayPartsToString(method.getDocumentationComment(checker)),
      example: tag("example")[0],
      see: tag("see"),
      parameters: parametersOf(checker, checker.getTypeOfSymbol(method), declaration)
    }
  })
  return { checker, methods }
}

const memberOf = (checker: ts.TypeChecker, type: ts.Type, name: string, operation: string): ts.Symbol => {
  const member = checker.getPropertyOfType(type, name)
  if (member === undefined) throw new Error(`${operation} has no method: ${name} is missing`)
  return member
}

/** The parameters of the first call signature, with the elements of a rest parameter as parameters. */
const parametersOf = (checker: ts.TypeChecker, type: ts.Type, at: ts.Node): ReadonlyArray<Parameter> => {
  const [signature] = type.getCallSignatures()
  if (signature === undefined) return []
  return signature.parameters.flatMap((symbol): ReadonlyArray<Parameter> => {
    const of = checker.getTypeOfSymbolAtLocation(symbol, at)
    if (!checker.isTupleType(of)) {
      const declaration = symbol.valueDeclaration
      const isOptional =
        declaration !== undefined && ts.isParameter(declaration) && declaration.questionToken !== undefined
      return [parameter(checker, symbol.name, of, isOptional)]
    }
    const tuple = of as ts.TupleTypeReference
    return checker.getTypeArguments(tuple).map((element, index) => {
      const label = tuple.target.labeledElementDeclarations?.[index]
      const isOptional = ((tuple.target.elementFlags[index] ?? 0) & ts.ElementFlags.Optional) !== 0
      return parameter(checker, label?.name.getText() ?? `argument${index + 1}`, element, isOptional)
    })
  })
}

const parameter = (checker: ts.TypeChecker, name: string, type: ts.Type, isOptional: boolean): Parameter => {
  const present = isOptional ? checker.getNonNullableType(type) : type
  return { name, isOptional, type: present, text: checker.typeToString(present) }
}
