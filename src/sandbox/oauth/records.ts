/**
 * The records of the authorization server: clients, codes, grants, tokens and agents. Times are in milliseconds.
 */

export interface AppRecord {
  readonly id: string
  readonly name: string
  readonly secret: string | undefined
  readonly authentication: "none" | "client_secret_basic" | "client_secret_post"
  readonly redirectUris: ReadonlyArray<string>
}

export interface GrantRecord {
  readonly id: string
  readonly appId: string
  readonly name: string
  readonly scope: string
  revoked: boolean
}

export interface CodeRecord {
  readonly appId: string
  readonly redirectUri: string
  readonly challenge: string
  readonly scope: string
  readonly expiresAt: number
  /** The grant that the code was exchanged for. */
  grant: GrantRecord | undefined
}

export interface RefreshRecord {
  readonly grant: GrantRecord
  used: boolean
}

/** What an access token allows. */
export interface AccessRecord {
  /** The id of the grant or of the agent, for the rate limit and the connection. */
  readonly holderId: string
  readonly name: string
  readonly kind: "app" | "agent"
  readonly scopes: ReadonlyArray<string>
  /** The mailbox of an agent. An app can access every mailbox. */
  readonly mailboxId: string | undefined
  /** The host that the token of an agent is for. */
  readonly host: "sending" | "app" | undefined
  readonly expiresAt: number
  /** The grant of an app, with which its tokens are revoked. */
  readonly grant: GrantRecord | undefined
  /** Whether the token of an agent was revoked. */
  revoked: boolean
}

export const isRevoked = ({ grant, revoked }: AccessRecord): boolean => revoked || grant?.revoked === true

export interface AgentRecord {
  readonly id: string
  readonly name: string
  readonly mailboxId: string
  readonly assertion: string
  readonly assertionExpiresAt: number
  readonly claimToken: string
  readonly claimExpiresAt: number
  claimed: boolean
  /** The address of the person who was invited. */
  invited: string | undefined
}
