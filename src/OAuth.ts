/**
 * Logins of users with OAuth, and access tokens that renew themselves.
 *
 * `Client` starts and finishes logins: authorization code with PKCE, `state`, `iss` and `resource`. `TokenStore` keeps the
 * tokens. `accessToken` is the effect for the option `accessToken` of every surface's layer: it succeeds with a valid token,
 * and renews it first if it expires soon.
 *
 * The server replaces the refresh token with each use, and revokes the whole grant if one is used twice. So this module sends
 * a refresh token once: many fibers share one refresh, the new tokens are stored before they are used, and after a refresh
 * whose result is not known it fails with `LoginRequired` and does not try again. `docs/oauth.md` is the guide.
 *
 * @since 0.2.0
 */
import "./internal/dialect/with-effect-4-import-effect-sendmux-v4.js"

export { InvalidRequestError, ResponseDecodeError, TransportError } from "./internal/model/errors.js"
export * from "./oauth/client.js"
export type { ClientAuthentication } from "./oauth/clientAuthentication.js"
export * from "./oauth/errors.js"
export type { AccessTokenError } from "./oauth/grants.js"
export { PendingLogin } from "./oauth/login.js"
export { ServerMetadata } from "./oauth/metadata.js"
export {
  type ClientOptions,
  defaultIssuer,
  defaultResource,
  type OAuthTransportOptions,
  type ServerOptions
} from "./oauth/options.js"
export * from "./oauth/registration.js"
export * from "./oauth/store.js"
