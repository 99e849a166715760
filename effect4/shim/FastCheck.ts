export * from "fast-check"
