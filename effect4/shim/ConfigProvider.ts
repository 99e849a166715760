import * as ConfigProvider from "effect/ConfigProvider"

export * from "effect/ConfigProvider"
export const fromMap = (values: ReadonlyMap<string, string>): ConfigProvider.ConfigProvider =>
  ConfigProvider.fromEnvRecord(Object.fromEntries(values))
