/**
 * The address of what is shown, which is the hash of the URL, so that each message has a link.
 */
import { useEffect, useMemo, useState } from "preact/hooks"

export interface Route {
  /** The view, and the ids of what it shows. */
  readonly segments: ReadonlyArray<string>
  readonly q: string
}

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

export const routeOf = (hash: string): Route => {
  const [path = "", search = ""] = hash.replace(/^#\/?/, "").split("?")
  return {
    segments: path
      .split("/")
      .filter((part) => part !== "")
      .map(decode),
    q: new URLSearchParams(search).get("q") ?? ""
  }
}

export const href = (segments: ReadonlyArray<string>, q = ""): string =>
  `#/${segments.map(encodeURIComponent).join("/")}${q === "" ? "" : `?${new URLSearchParams({ q }).toString()}`}`

/** Goes to an address. With `replace`, it takes the place of the current one in the history. */
export const go = (target: string, { replace = false }: { readonly replace?: boolean } = {}): void => {
  if (replace) {
    history.replaceState(null, "", target)
    window.dispatchEvent(new HashChangeEvent("hashchange"))
  } else location.hash = target
}

export const useRoute = (): Route => {
  const [hash, setHash] = useState(location.hash)
  useEffect(() => {
    const listener = () => setHash(location.hash)
    window.addEventListener("hashchange", listener)
    // The address may have changed after the first rendering, before this effect ran.
    listener()
    return () => window.removeEventListener("hashchange", listener)
  }, [])
  return useMemo(() => routeOf(hash), [hash])
}
