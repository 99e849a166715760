export * from "effect/Schema"
export {
  decodeUnknownEffect as decodeUnknown,
  encodeEffect as encode,
  encodeUnknownEffect as encodeUnknown
} from "effect/Schema"
