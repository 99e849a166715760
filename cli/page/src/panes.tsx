/**
 * A list beside what is selected in it. On a narrow screen one of them is shown.
 */
import type { ComponentChildren } from "preact"
import { useEffect, useRef, useState } from "preact/hooks"
import { Icon } from "./icons.js"
import type { Read } from "./live.js"
import { go, href } from "./router.js"
import { Problem } from "./ui.js"

/** A part of a list, newest first. */
export interface Listed<out A> {
  readonly items: ReadonlyArray<A>
  readonly total: number
}

export const pageSize = 200

export const Panes = ({
  detail,
  isBlank,
  list
}: {
  readonly list: ComponentChildren
  /** Whether there is nothing to select. The list then has the whole width, for what it says instead. */
  readonly isBlank: boolean
  /** `undefined` if nothing is selected. */
  readonly detail: ComponentChildren | undefined
}) => (
  <div class={detail !== undefined ? "panes selected" : isBlank ? "panes blank" : "panes"}>
    {list}
    {detail === undefined && isBlank ? null : (
      <section class="detail" aria-label="Selected item">
        {detail ?? <p class="nothing">Select an item to see it here.</p>}
      </section>
    )}
  </div>
)

export const BackLink = ({ to, label }: { readonly to: string; readonly label: string }) => (
  <a class="back" href={to} data-back>
    <Icon name="back" />
    {label}
  </a>
)

/** The field that filters a list. The address keeps the words. */
const Search = ({
  label,
  q,
  segments
}: {
  readonly label: string
  readonly q: string
  readonly segments: ReadonlyArray<string>
}) => {
  const [text, setText] = useState(q)
  const sent = useRef(q)
  useEffect(() => {
    // The address was changed by a link, and not by this field.
    if (q !== sent.current) setText(q)
    sent.current = q
  }, [q])
  useEffect(() => {
    if (text === sent.current) return
    const timer = window.setTimeout(() => {
      sent.current = text
      go(href(segments, text), { replace: true })
    }, 150)
    return () => window.clearTimeout(timer)
  }, [text, segments])
  return (
    <label class="search">
      <Icon name="search" />
      <input
        type="search"
        data-search
        placeholder={label}
        aria-label={label}
        value={text}
        spellcheck={false}
        autocomplete="off"
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <kbd>/</kbd>
    </label>
  )
}

interface ListProps<A> {
  readonly title: string
  readonly read: Read<Listed<A>>
  readonly keyOf: (item: A) => string
  readonly hrefOf: (item: A) => string
  readonly selected: string | undefined
  readonly row: (item: A) => ComponentChildren
  readonly empty: ComponentChildren
  readonly limit: number
  readonly onMore: () => void
  /** Without it, the list has no search. */
  readonly search?: { readonly label: string; readonly q: string; readonly segments: ReadonlyArray<string> }
  readonly head?: ComponentChildren
}

export const List = <A,>({
  empty,
  head,
  hrefOf,
  keyOf,
  limit,
  onMore,
  read,
  row,
  search,
  selected,
  title
}: ListProps<A>) => {
  const { data, error } = read
  const isFiltered = search !== undefined && search.q !== ""
  return (
    <section class="list" aria-label={title}>
      <header>
        <h1>
          {title}
          {data === undefined ? null : <span class="count">{data.total.toLocaleString()}</span>}
        </h1>
        {head}
        {search === undefined ? null : <Search {...search} />}
      </header>
      {error === undefined ? null : <Problem message={error} />}
      {data === undefined ? null : data.items.length === 0 ? (
        isFiltered ? (
          <p class="nothing">
            Nothing contains “{search.q}”. <a href={href(search.segments)}>Show all</a>
          </p>
        ) : (
          empty
        )
      ) : (
        <ul class="rows">
          {data.items.map((item) => (
            <li key={keyOf(item)}>
              <a
                class="row"
                href={hrefOf(item)}
                data-row
                aria-current={keyOf(item) === selected ? "true" : undefined}
              >
                {row(item)}
              </a>
            </li>
          ))}
        </ul>
      )}
      {data !== undefined && data.total > data.items.length ? (
        <p class="more">
          {limit < 1000 ? (
            <button type="button" onClick={onMore}>
              Show more
            </button>
          ) : (
            "Older items can be found by searching."
          )}
        </p>
      ) : null}
    </section>
  )
}
