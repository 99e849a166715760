/**
 * The guides of the site, in their order. A name is the path of a file below `docs`, without its ending. Every guide is in
 * one section, which the build and `test/site/guides.test.ts` check.
 */
export interface Section {
  readonly title: string
  readonly guides: ReadonlyArray<string>
}

export const sections: ReadonlyArray<Section> = [
  {
    title: "Start",
    guides: ["effect-4", "runtimes", "from-promises"]
  },
  {
    title: "From another SDK",
    guides: ["from-resend", "from-nodemailer", "from-the-typescript-sdk", "from-go"]
  },
  {
    title: "Sending",
    guides: ["sending", "bulk", "domains-and-mailboxes", "logs-and-metrics"]
  },
  {
    title: "Mailboxes",
    guides: [
      "reading-a-mailbox",
      "live-events-and-sync",
      "drafts",
      "mailbox-attachments",
      "conditional-requests"
    ]
  },
  {
    title: "Webhooks and logins",
    guides: ["webhooks", "oauth"]
  },
  {
    title: "Running it",
    guides: ["errors-and-retries", "troubleshooting", "rate-limits", "reliability", "observability", "core"]
  },
  {
    title: "Testing",
    guides: ["testing", "sandbox", "sandbox-control", "sandbox-page", "testing-kit"]
  },
  {
    title: "About the package",
    guides: ["benchmarks", "versioning", "design", "dependencies", "mutation"]
  }
]
