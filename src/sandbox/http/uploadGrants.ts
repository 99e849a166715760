/**
 * Grants to upload one file each without the API key.
 */
import { fail, found } from "../exchange.js"
import { BoundedMap } from "../state/bounded.js"
import type { MakeId } from "../state/ids.js"
import type { Saved } from "../state/saved.js"

interface Grant {
  readonly id: string
  readonly token: string
  expiresAt: number
}

const grantLifeMillis = 15 * 60_000

/** The number of newest grants that can be used. */
const maxGrants = 1000

type SavedGrants<Facts> = ReadonlyArray<readonly [id: string, grant: Facts & Grant]>

/** The grants of a surface. Each has facts about its upload. */
export class UploadGrants<Facts extends object> implements Saved<SavedGrants<Facts>> {
  private readonly grants = new BoundedMap<string, Facts & Grant>({ maxEntries: maxGrants })

  constructor(private readonly makeId: MakeId) {}

  add(facts: Facts, now: number): Facts & Grant {
    const grant = {
      ...facts,
      id: this.makeId("upl"),
      token: this.makeId("uptok", 48),
      expiresAt: now + grantLifeMillis
    }
    this.grants.dropWhile(({ expiresAt }) => expiresAt <= now)
    this.grants.set(grant.id, grant)
    return grant
  }

  snapshot(): SavedGrants<Facts> {
    return this.grants.snapshot()
  }

  restore(grants: SavedGrants<Facts>): void {
    this.grants.restore(grants)
  }

  /** Makes every grant expire. */
  expire(at: number): void {
    for (const grant of this.grants.values()) grant.expiresAt = at
  }

  /** Returns the grant of an upload. Fails if its token is another one, or if it has expired. */
  open(id: string, token: unknown, now: number): Facts & Grant {
    const grant = found(this.grants.get(id), "upload")
    if (token !== grant.token) {
      return fail("authentication_required", "The upload token does not belong to this upload")
    }
    return grant.expiresAt <= now ? fail("not_found", "The upload has expired") : grant
  }
}
