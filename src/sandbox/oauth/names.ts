/**
 * The names of the requests to the authorization server, by which faults select them.
 */
export const authorityNames = [
  "oauth.discover",
  "oauth.register",
  "oauth.authorize",
  "oauth.token",
  "oauth.revoke",
  "agent.challenge",
  "agent.identity",
  "agent.token",
  "agent.invite",
  "agent.revoke"
] as const

export type AuthorityName = (typeof authorityNames)[number]
