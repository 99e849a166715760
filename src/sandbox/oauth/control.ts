/**
 * The part of the control for logins and agents.
 */
import * as Effect from "effect/Effect"
import type { InstanceRef } from "../instance.js"
import { authorize, type Decision } from "./endpoints.js"
import { OAuthFailure } from "./failure.js"

/** Plays the people who log in and who own agents. */
export interface OAuthControl {
  /**
   * Opens the URL of a login as a browser would, and approves it. Succeeds with the URL to which the server sends the browser.
   * Dies with an `Error` if the server would show an error instead, as for an unknown client.
   */
  readonly approve: (url: string) => Effect.Effect<string>
  /** Opens the URL of a login, and denies it. */
  readonly deny: (url: string) => Effect.Effect<string>
  /** Revokes every grant, as their owners can. Succeeds with the number of grants that were valid before. */
  readonly revokeGrants: Effect.Effect<number>
  /** Claims an agent, as its owner. Succeeds with `false` if there is none with this id. */
  readonly claimAgent: (registrationId: string) => Effect.Effect<boolean>
}

/** Where the server sends the browser, or why it shows an error instead. */
type Opened = { readonly callback: string } | { readonly problem: string }

/** Opens the URL of a login as a browser would. */
export const openLogin = (sandbox: InstanceRef, text: string, decision: Decision): Effect.Effect<Opened> =>
  Effect.suspend(() => {
    const { world } = sandbox.current
    return Effect.map(world.clock.now, (now): Opened => {
      if (!URL.canParse(text)) return { problem: "It is not a URL" }
      const url = new URL(text)
      const request = { method: "GET", url, headers: {}, body: new Uint8Array(0) }
      try {
        const { authority } = world
        const { headers } = authorize({ authority, request, issuer: url.origin, now }, decision)
        world.feed.publish({ kind: "team" })
        return { callback: headers["location"] ?? "" }
      } catch (thrown) {
        if (!(thrown instanceof OAuthFailure)) throw thrown
        return { problem: thrown.description }
      }
    })
  })

export const makeOAuthControl = (sandbox: InstanceRef): OAuthControl => {
  const open = (text: string, decision: Decision) =>
    Effect.map(openLogin(sandbox, text, decision), (opened) => {
      if ("problem" in opened) throw new Error(`The login cannot be opened: ${opened.problem}`)
      return opened.callback
    })
  return {
    approve: (url) => open(url, "approve"),
    deny: (url) => open(url, "deny"),
    revokeGrants: Effect.sync(() => {
      const { authority, feed } = sandbox.current.world
      const revoked = authority.revokeGrants()
      feed.publish({ kind: "team" })
      return revoked
    }),
    claimAgent: (registrationId) =>
      Effect.sync(() => {
        const { authority, feed } = sandbox.current.world
        const agent = authority.agents.get(registrationId)
        if (agent === undefined) return false
        agent.claimed = true
        feed.publish({ kind: "team" })
        return true
      })
  }
}
