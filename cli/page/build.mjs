/**
 * Builds the page of the sandbox: one document, one script and one style sheet, without anything from another server.
 */
import { createHash } from "node:crypto"
import { readFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"

const here = dirname(fileURLToPath(import.meta.url))

/**
 * The headers of the document. Nothing runs or is loaded but the files of the page, and no other page can frame it. Frames
 * show HTML bodies, which have a stricter policy of their own.
 */
export const pageHeaders = {
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "frame-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'"
  ].join("; "),
  "cache-control": "no-store",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-dns-prefetch-control": "off",
  "x-frame-options": "DENY"
}

const bundle = async (entry, options) => {
  const { metafile, outputFiles } = await build({
    entryPoints: [join(here, entry)],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    outdir: here,
    target: ["es2022", "chrome100", "firefox100", "safari15.4"],
    legalComments: "none",
    logLevel: "silent",
    ...options
  })
  return { text: outputFiles[0].text, inputs: Object.keys(metafile.inputs) }
}

const hashOf = (text) => createHash("sha256").update(text).digest("hex").slice(0, 10)

/**
 * Returns the document, and the other files by their absolute path. The paths contain a digest of the content. `inputs` are the
 * files that the bundle contains, relative to the working directory, for the notices of third parties.
 */
export const buildPage = async () => {
  const [template, icon, script, style] = await Promise.all([
    readFile(join(here, "index.html"), "utf8"),
    readFile(join(here, "icon.svg"), "utf8"),
    bundle("src/main.tsx", { format: "esm", jsx: "automatic", jsxImportSource: "preact" }),
    bundle("src/style.css", {})
  ])
  const paths = {
    script: `/assets/page.${hashOf(script.text)}.js`,
    style: `/assets/page.${hashOf(style.text)}.css`,
    icon: `/assets/icon.${hashOf(icon)}.svg`
  }
  return {
    html: template.replace(/\{\{(\w+)\}\}/g, (_, name) => paths[name]),
    files: {
      [paths.script]: { contentType: "text/javascript; charset=utf-8", body: script.text },
      [paths.style]: { contentType: "text/css; charset=utf-8", body: style.text },
      [paths.icon]: { contentType: "image/svg+xml", body: icon }
    },
    inputs: [...script.inputs, ...style.inputs]
  }
}
