/**
 * All sections, in the order of the report.
 */
import { bundle } from "./bundle.js"
import {
  batch,
  campaign,
  cold,
  durableCampaign,
  logs,
  messages,
  mockMessages,
  mockSend,
  send
} from "./calls.js"
import { copies } from "./copies.js"
import { decode } from "./decode.js"
import { imports } from "./imports.js"
import { majorsSection } from "./majors.js"
import { memory } from "./memory.js"
import { sandbox } from "./sandbox.js"
import type { Section } from "./section.js"
import { download, events, sync, upload } from "./streams.js"
import { typecheck } from "./typecheck.js"
import { webhook } from "./webhook.js"

export const sections: ReadonlyArray<Section> = [
  send,
  cold,
  batch,
  campaign,
  durableCampaign,
  messages,
  logs,
  decode,
  mockSend,
  mockMessages,
  majorsSection,
  download,
  upload,
  copies,
  events,
  sync,
  memory,
  bundle,
  imports,
  typecheck,
  webhook,
  sandbox
]
