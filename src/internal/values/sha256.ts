/**
 * SHA-256 as text in base64url.
 */
import { base64Url } from "./bytes.js"

interface NodeHash {
  readonly update: (bytes: Uint8Array) => NodeHash
  readonly digest: (encoding: "base64url") => string
}

interface NodeCrypto {
  readonly createHash: (name: "sha256") => NodeHash
}

/** The runtime's own synchronous implementation, as in Node, Bun and Deno. `undefined` elsewhere. */
const nodeCrypto = (): NodeCrypto | undefined => {
  const { process } = globalThis as {
    readonly process?: { readonly getBuiltinModule?: (name: string) => NodeCrypto | undefined }
  }
  return process?.getBuiltinModule?.("node:crypto")
}

/**
 * The SHA-256 of each of several bytes, in base64url. WebCrypto starts a task for each of them, which takes many times
 * longer than the computation, so that the synchronous implementation is used where there is one.
 */
export const sha256 = async (all: ReadonlyArray<Uint8Array>): Promise<ReadonlyArray<string>> => {
  const crypto = nodeCrypto()
  return crypto === undefined
    ? Promise.all(all.map(webSha256))
    : all.map((bytes) => crypto.createHash("sha256").update(bytes).digest("base64url"))
}

/** Computes it with WebCrypto. */
export const webSha256 = async (bytes: Uint8Array): Promise<string> =>
  base64Url(new Uint8Array(await globalThis.crypto.subtle.digest("SHA-256", new Uint8Array(bytes))))
