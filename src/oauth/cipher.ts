/**
 * The encryption of stored tokens: AES-GCM with 256 bits, over Web Crypto.
 */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { decodeBase64, unchecked } from "../internal/dialect/schema.js"
import { base64Url } from "../internal/values/bytes.js"
import { TokenStoreError } from "./errors.js"

/** Encrypts and decrypts the text of a grant. The text of one grant does not decrypt as that of another. */
export interface Cipher {
  readonly encrypt: (grant: string, text: string) => Effect.Effect<string, TokenStoreError>
  readonly decrypt: (grant: string, sealed: string) => Effect.Effect<string, TokenStoreError>
}

const format = "sendmux-tokens-1."
const ivBytes = 12
const keyBytes = 32

const failed = (action: TokenStoreError["action"], reason: string) =>
  new TokenStoreError({ action, reason }, unchecked)

const notAKey =
  "each encryption key must be 32 random bytes in base64, such as the output of: openssl rand -base64 32"

const importKey = (key: Redacted.Redacted): Effect.Effect<CryptoKey, TokenStoreError> =>
  Effect.suspend(() => {
    const text = Redacted.isRedacted(key) ? String(Redacted.value(key)) : ""
    const bytes = decodeBase64(text.trim().replaceAll("-", "+").replaceAll("_", "/"))
    if (bytes?.byteLength !== keyBytes) return Effect.fail(failed("set", notAKey))
    return Effect.tryPromise({
      try: () =>
        globalThis.crypto.subtle.importKey("raw", new Uint8Array(bytes), "AES-GCM", false, [
          "encrypt",
          "decrypt"
        ]),
      catch: () => failed("set", "this runtime has no AES-GCM of Web Crypto")
    })
  })

const additionalData = (grant: string) => new TextEncoder().encode(`effect-sendmux ${format}${grant}`)

const bytesOf = (text: string): Uint8Array<ArrayBuffer> | undefined => {
  const base64 = text.replaceAll("-", "+").replaceAll("_", "/")
  const bytes = decodeBase64(base64.padEnd(Math.ceil(base64.length / 4) * 4, "="))
  return bytes === undefined ? undefined : new Uint8Array(bytes)
}

/** Makes a cipher. The first key encrypts, and each of the keys decrypts what it has encrypted. */
export const makeCipher = (keys: ReadonlyArray<Redacted.Redacted>): Effect.Effect<Cipher, TokenStoreError> =>
  Effect.gen(function* () {
    const imported: Array<CryptoKey> = []
    for (const key of keys) imported.push(yield* importKey(key))
    const [first] = imported
    if (first === undefined) return yield* Effect.fail(failed("set", notAKey))
    const { subtle } = globalThis.crypto

    const open = async (grant: string, sealed: string): Promise<string | undefined> => {
      const bytes = bytesOf(sealed.slice(format.length))
      if (bytes === undefined || bytes.byteLength <= ivBytes) return undefined
      const [iv, content] = [bytes.slice(0, ivBytes), bytes.slice(ivBytes)]
      for (const key of imported) {
        try {
          const settings = { name: "AES-GCM", iv, additionalData: additionalData(grant) }
          return new TextDecoder().decode(await subtle.decrypt(settings, key, content))
        } catch {
          // The text was encrypted with another key, or was changed.
        }
      }
      return undefined
    }

    return {
      encrypt: (grant, text) =>
        Effect.tryPromise({
          try: async () => {
            const iv = globalThis.crypto.getRandomValues(new Uint8Array(ivBytes))
            const settings = { name: "AES-GCM", iv, additionalData: additionalData(grant) }
            const content = new Uint8Array(
              await subtle.encrypt(settings, first, new TextEncoder().encode(text))
            )
            const bytes = new Uint8Array(ivBytes + content.byteLength)
            bytes.set(iv)
            bytes.set(content, ivBytes)
            return format + base64Url(bytes)
          },
          catch: () => failed("set", "the tokens could not be encrypted")
        }),
      decrypt: (grant, sealed) =>
        sealed.startsWith(format)
          ? Effect.flatMap(
              Effect.promise(() => open(grant, sealed)),
              (text) =>
                text === undefined
                  ? Effect.fail(
                      failed("get", "the stored tokens were encrypted with another key, or were changed")
                    )
                  : Effect.succeed(text)
            )
          : Effect.fail(failed("get", "the stored tokens are not encrypted: remove them and log in again"))
    }
  })
