/**
 * Adapts the reference that TypeDoc makes to sources that are written with schemas.
 *
 * A schema and its type have one name, so they get one page. What TypeScript inferred a type from, and the members that an
 * error inherits from Effect, say nothing to a reader and are left out.
 */
import {
  Comment,
  Converter,
  DeclarationReflection,
  IntersectionType,
  IntrinsicType,
  ReferenceReflection,
  ReflectionKind,
  UnionType
} from "typedoc"
import { MarkdownPageEvent } from "typedoc-plugin-markdown"

const types = ReflectionKind.Interface | ReflectionKind.TypeAlias
const documented = new Set()

/** Knows the page of each name. Two names that differ only in their case have pages with different names. */
let router

/** @param {import("typedoc-plugin-markdown").MarkdownApplication} app */
export const load = (app) => {
  app.converter.on(
    Converter.EVENT_RESOLVE_END,
    ({ project }) => {
      for (const module of project.children ?? []) if (module.name === "index") module.name = "effect-sendmux"
      for (const schema of declarationsOf(project).filter((it) => typeOf(it) !== undefined))
        merge(project, schema)
      for (const it of declarationsOf(project)) removeDuplicates(project, it)
      for (const it of declarationsOf(project)) tidy(project, it)
    },
    // Before the groups and categories are made, which list what is left.
    1_000
  )
  app.renderer.on(MarkdownPageEvent.END, (page) => {
    router = app.renderer.router
    if (page.contents !== undefined) page.contents = format(page.contents, page.model)
  })
}

const declarationsOf = (project) =>
  Object.values(project.reflections).filter((it) => it instanceof DeclarationReflection)

/** A class of a package that is re-exported as a type is found twice: as the class, and as the namespace with its name. */
const removeDuplicates = (project, it) => {
  const seen = new Set()
  for (const child of [...(it.children ?? [])]) {
    if (!child.kindOf(ReflectionKind.TypeAlias)) continue
    if (seen.has(child.name)) project.removeReflection(child)
    seen.add(child.name)
  }
}

/** Removes what describes how a declaration was written instead of what it is. */
const tidy = (project, it) => {
  if (it.kindOf(ReflectionKind.Constructor) && it.inheritedFrom !== undefined) {
    project.removeReflection(it)
    return
  }
  if (it.kindOf(ReflectionKind.Method) && it.name === "toString") {
    project.removeReflection(it)
    return
  }
  for (const part of [it, ...(it.signatures ?? []), it.getSignature].filter(Boolean)) {
    delete part.inheritedFrom
    delete part.overwrites
    delete part.implementationOf
  }
  if (it.kindOf(ReflectionKind.Property)) delete it.defaultValue
  if (it.type !== undefined) it.type = withoutBrands(it.type)
  if (it.kindOf(ReflectionKind.ClassOrInterface)) {
    const own = (it.extendedTypes ?? []).filter(
      (type) => type.type === "reference" && type.reflection !== undefined
    )
    const isInferred = own.some((type) => type.name === it.name || type.name === "Type")
    it.extendedTypes = own.length === 0 || isInferred ? undefined : own
  }
}

/** Writes `"a" | (string & {})`, which keeps the completions of an editor, as `"a" | string`. */
const withoutBrands = (type) => {
  if (!(type instanceof UnionType)) return type
  const isText = (member) =>
    member instanceof IntersectionType &&
    member.types.some((it) => it instanceof IntrinsicType && it.name === "string")
  if (!type.types.some(isText)) return type
  return new UnionType([...type.types.filter((member) => !isText(member)), new IntrinsicType("string")])
}

/** The type that a schema has the name of. */
const typeOf = (it) =>
  it.kindOf(ReflectionKind.Variable)
    ? it.parent?.children?.find((type) => type.kindOf(types) && type.name === it.name)
    : undefined

/** Describes a schema on the page of its type, to which the other entries that export the schema then refer. */
const merge = (project, schema) => {
  const type = typeOf(schema)
  type.comment ??= schema.comment?.clone() ?? new Comment()
  documented.add(type)
  const references = Object.values(project.reflections).filter(
    (it) => it.isReference() && it.getTargetReflection() === schema
  )
  const places = references.map(({ name, parent }) => ({ name, parent }))
  project.removeReflection(schema)
  for (const { name, parent } of places) {
    const reference = new ReferenceReflection(name, type, parent)
    parent.addChild(reference)
    project.registerReflection(reference, undefined, undefined)
  }
}

// -----------------------------------------------------------------------------
// pages
// -----------------------------------------------------------------------------

const root = "effect-sendmux"

const entryOf = (module) => (module.name === root ? root : `${root}/${module.name}`)

const pathOf = (model) => {
  const path = []
  for (let it = model; it !== undefined && !it.isProject(); it = it.parent) path.unshift(it)
  return path
}

const kinds = {
  [ReflectionKind.Class]: "Class",
  [ReflectionKind.Interface]: "Interface",
  [ReflectionKind.TypeAlias]: "Type",
  [ReflectionKind.Function]: "Function",
  [ReflectionKind.Variable]: "Constant",
  [ReflectionKind.Namespace]: "Namespace"
}

const format = (contents, model) => {
  const [module, top, ...inner] = pathOf(model)
  const body = contents
    .replace(/^# .*\n+/, "")
    .replace(/^\*\*\*\n\n/gm, "")
    .replace(/^#+ Since\n\n(.*)$/gm, '<p class="since">Since $1</p>')
    .replace(/^#+ See\n\n(?=\S)/gm, "See: ")
    .trimStart()
  if (module === undefined) return contents
  if (top === undefined) return moduleText(module)
  const name = [top, ...inner].map((it) => it.name).join(".")
  const kind = kinds[model.kind] ?? "Name"
  const note = documented.has(model)
    ? `\`${name}\` is this type, and a schema of it: \`Schema.decodeUnknown(${name})\` checks a value.\n\n`
    : ""
  return [
    `---\ntitle: ${JSON.stringify(`${name} · ${entryOf(module)}`)}\n---\n`,
    `# ${name}\n`,
    `<p class="kind">${kind} of <a href="${"../".repeat(1 + inner.length)}${module.name}.html">${entryOf(module)}</a></p>\n`,
    `${importOf(module, top, top === model && model.kindOf(types) && !documented.has(model))}${note}${body}`
  ].join("\n")
}

const importOf = (module, top, isType = false) => {
  const entry = entryOf(module)
  if (top === undefined && module.name === root) return ""
  const what = top === undefined ? `* as ${module.name}` : `{ ${top.name} }`
  return `\`\`\`ts\nimport ${isType ? "type " : ""}${what} from "${entry}"\n\`\`\`\n\n`
}

/** The page of an entry: its names by category with their first sentences, and those that it shares with other entries. */
const moduleText = (module) => {
  const shared = module.children.filter((it) => it.isReference()).sort(byName)
  const links = shared.map((it) => {
    const target = it.getTargetReflectionDeep()
    const link = linkTo(target)
    return target.name === it.name ? `- ${link}` : `- \`${it.name}\`: ${link}`
  })
  const parts = (module.categories ?? module.groups ?? [])
    .map(({ children, title }) => ({ title, own: children.filter((it) => !it.isReference()) }))
    .filter(({ own }) => own.length > 0)
    .sort((one, other) => rank(one.title) - rank(other.title))
    .map(
      ({ own, title }) =>
        `## ${title[0].toUpperCase()}${title.slice(1)}\n\n${own.sort(byName).map(lineOf).join("\n")}\n`
    )
  const others =
    links.length === 0
      ? []
      : [`## Also exported\n\nThese names are shared with other entries.\n\n${links.join("\n")}\n`]
  return [`# ${entryOf(module)}\n`, importOf(module, undefined), ...parts, ...others].join("\n")
}

const byName = (one, other) => (one.name < other.name ? -1 : 1)

/** The categories that readers look for first, and those that they look for last. */
const order = ["services", "layers", "*", "errors", "models", "options", "Other"]

const rank = (title) => order.indexOf(order.includes(title) ? title : "*")

const linkTo = (model) => `[${model.name}](${router.getFullUrl(model)})`

const lineOf = (model) => {
  const comment = model.comment ?? model.signatures?.[0]?.comment
  const text = (comment?.summary ?? [])
    .map((part) => part.text)
    .join("")
    .replace(/\s+/g, " ")
    .trim()
    .split(/(?<=\.)\s/)[0]
  return text === "" ? `- ${linkTo(model)}` : `- ${linkTo(model)}: ${text}`
}
