/**
 * The guides of the site, in the order of the README. A name is the path of a file below `docs`, without its ending. Every guide is in
 * one section, which the build and `test/site/guides.test.ts` check.
 */
export interface Section {
  readonly title: string
  readonly guides: ReadonlyArray<string>
}

export const sections: ReadonlyArray<Section> = [
  {
    title: "Send",
    guides: ["sending", "bulk", "domains-and-mailboxes", "logs-and-metrics", "webhooks"]
  },
  {
    title: "Receive",
    guides: [
      "live-events-and-sync",
      "reading-a-mailbox",
      "drafts",
      "mailbox-attachments",
      "conditional-requests"
    ]
  },
  {
    title: "Test",
    guides: ["sandbox", "testing", "testing-kit", "sandbox-control", "sandbox-page"]
  },
  {
    title: "Operate",
    guides: [
      "troubleshooting",
      "errors-and-retries",
      "oauth",
      "rate-limits",
      "observability",
      "reliability",
      "core"
    ]
  },
  {
    title: "Move to this SDK",
    guides: [
      "from-promises",
      "from-resend",
      "from-nodemailer",
      "from-the-typescript-sdk",
      "from-go",
      "effect-4"
    ]
  },
  {
    title: "About the package",
    guides: ["runtimes", "benchmarks", "versioning", "design", "dependencies", "mutation"]
  }
]
