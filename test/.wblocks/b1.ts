import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServer from "@effect/platform/HttpServer"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { DedupeStore, httpApp } from "effect-sendmux/Webhooks"

const receive = httpApp({ secrets: Config.redacted("SENDMUX_WEBHOOK_SECRET") }, (event, { attempt }) =>
  Effect.log(`${event.type}, attempt ${attempt}`)
)

// Provide an HttpServer, such as NodeHttpServer.layer(createServer, { port: 3000 }).
export const server = HttpRouter.empty.pipe(
  HttpRouter.post("/webhooks/sendmux", receive),
  HttpServer.serve(),
  Layer.provide(DedupeStore.layerMemory())
)

export {}
