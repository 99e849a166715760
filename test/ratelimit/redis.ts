/**
 * The Redis server of the tests.
 */

/** The host and the port in a URL such as `redis://127.0.0.1:6379`. */
export const redisOf = (
  url: string | undefined
): { readonly host: string; readonly port: number } | undefined => {
  if (url === undefined || url === "") return undefined
  const { hostname, port } = new URL(url)
  return { host: hostname, port: port === "" ? 6_379 : Number(port) }
}
