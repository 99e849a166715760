/** Compares the declared methods of a service with the traits of its operations, as types. */

/** Each option that a trait decides, with its trait. */
interface OptionTraits {
  readonly idempotencyKey: "idempotencyKey"
  readonly ifMatch: "ifMatch"
  readonly mailbox_id: "mailboxId"
  readonly range: "range"
}

/** Each member of a method that a trait decides, with its trait. */
interface MemberTraits {
  readonly ifNoneMatch: "conditional"
  readonly pages: "paginated"
  readonly page: "paginated"
}

type TraitsOf<Op> = Op extends { readonly flags: infer Flags } ? keyof Flags : never

/** The last parameter of a method, which holds its options. */
export type OptionsOf<Method> = Method extends (...args: infer Args) => unknown
  ? Required<Args> extends readonly [...ReadonlyArray<unknown>, infer Options]
    ? NonNullable<Options>
    : never
  : never

/** The names of the options that accept a value. */
type OptionNames<Options> = {
  [Name in keyof Options]-?: [Exclude<Options[Name], undefined>] extends [never] ? never : Name
}[keyof Options]

type Difference<Present, Wanted, Path extends string, What extends string> =
  | ([Present, Wanted] extends [true, false] ? `${Path} promises ${What}, which its operation lacks` : never)
  | ([Present, Wanted] extends [false, true] ? `${Path} hides ${What} of its operation` : never)

type Has<Names, Name> = Name extends Names ? true : false

type MethodProblems<Method, Op, Path extends string> =
  | {
      [Name in keyof OptionTraits & string]: Difference<
        Has<OptionNames<OptionsOf<Method>>, Name>,
        Has<TraitsOf<Op>, OptionTraits[Name]>,
        Path,
        `the option ${Name}`
      >
    }[keyof OptionTraits & string]
  | {
      [Name in keyof MemberTraits & string]: Difference<
        Has<keyof Method, Name>,
        Has<TraitsOf<Op>, MemberTraits[Name]>,
        Path,
        `.${Name}`
      >
    }[keyof MemberTraits & string]

/** Every difference between a service and its tables of operations; `never` when they agree. */
export type FlagProblems<Service, Tables> = {
  [Group in keyof Tables & string]: Group extends keyof Service
    ? {
        [Name in keyof Tables[Group] & string]: Name extends keyof Service[Group]
          ? MethodProblems<Service[Group][Name], Tables[Group][Name], `${Group}.${Name}`>
          : `${Group}.${Name} is an operation without a method`
      }[keyof Tables[Group] & string]
    : `${Group} is a group without a place in the service`
}[keyof Tables & string]
