/**
 * The state of the authorization server of a sandbox.
 */
import { BoundedMap } from "../state/bounded.js"
import { type IdSource, makeIds } from "../state/ids.js"
import { type SavedData, SavedParts, type Saved } from "../state/saved.js"
import type {
  AccessRecord,
  AgentRecord,
  AppRecord,
  CodeRecord,
  GrantRecord,
  RefreshRecord
} from "./records.js"

/** The client that exists from the beginning. It has no secret, and accepts every loopback URL. */
export const firstApp: AppRecord = {
  id: "sandbox-app",
  name: "Sandbox app",
  secret: undefined,
  authentication: "none",
  redirectUris: ["http://127.0.0.1/callback", "http://localhost/callback", "http://[::1]/callback"]
}

/** How long an access token of an app is valid: 15 minutes. */
export const accessLifetime = 900_000

const maxRecords = 10_000

/** Makes the map of the records of one kind, of which the newest are kept. */
const records = <A>() => new BoundedMap<string, A>({ maxEntries: maxRecords })

export class Authority implements Saved<SavedData> {
  readonly id: IdSource
  readonly apps = records<AppRecord>()
  readonly codes = records<CodeRecord>()
  readonly refreshTokens = records<RefreshRecord>()
  readonly accessTokens = records<AccessRecord>()
  readonly agents = records<AgentRecord>()
  /** The nonces of challenges, with the time at which they expire. Each is accepted once. */
  readonly challenges = records<number>()
  /** The responses to registrations of agents, by idempotency key. */
  readonly registrations = records<{ readonly request: string; readonly response: object }>()

  private readonly saved = new SavedParts()

  constructor(seed: number | undefined) {
    // Ids of their own, so that logins do not change the ids of the API.
    this.id = makeIds((seed ?? 0) ^ 0x0a17)
    this.apps.set(firstApp.id, firstApp)
    this.saved.add("ids", this.id)
    this.saved.add("apps", this.apps)
    this.saved.add("codes", this.codes)
    this.saved.add("refreshTokens", this.refreshTokens)
    this.saved.add("accessTokens", this.accessTokens)
    this.saved.add("agents", this.agents)
    this.saved.add("challenges", this.challenges)
    this.saved.add("registrations", this.registrations)
  }

  snapshot(): SavedData {
    return this.saved.snapshot()
  }

  restore(data: SavedData): void {
    this.saved.restore(data)
  }

  /** Issues the tokens of a grant. */
  issue(grant: GrantRecord, at: number): { readonly access: string; readonly refresh: string } {
    const access = this.id("oat", 40)
    const refresh = this.id("ort", 40)
    this.refreshTokens.set(refresh, { grant, used: false })
    this.accessTokens.set(access, {
      holderId: grant.id,
      name: grant.name,
      kind: "app",
      scopes: grant.scope.split(" ").filter((scope) => scope !== ""),
      mailboxId: undefined,
      host: undefined,
      expiresAt: at + accessLifetime,
      grant,
      revoked: false
    })
    return { access, refresh }
  }

  /** Revokes every grant. Returns how many there were. */
  revokeGrants(): number {
    const grants = new Set(this.refreshTokens.values().map(({ grant }) => grant))
    let revoked = 0
    for (const grant of grants) {
      if (!grant.revoked) revoked++
      grant.revoked = true
    }
    return revoked
  }
}
