#!/usr/bin/env bash
# Installs the packed tarball into an empty project with only the peer dependencies, type-checks it and runs it.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cd "$root"
npm pack --silent --pack-destination "$work" >/dev/null
versions=$(node -p '
  const { devDependencies: dev } = require("./package.json");
  ["effect", "@effect/platform", "typescript"].map((name) => `${name}@${dev[name]}`).join(" ")')

mkdir "$work/app"
cd "$work/app"
npm init --yes >/dev/null
npm pkg set type=module
# shellcheck disable=SC2086
npm install --silent --no-audit --no-fund "$work"/*.tgz $versions

# Checks the first code block of the README, and a call of every entry.
awk '/^```ts$/ { inside = 1; next } /^```$/ && inside { exit } inside' "$root/README.md" >readme.ts
cp "$root/test/package/every-entry.ts" .
npx tsc --target ES2022 --module NodeNext --strict --exactOptionalPropertyTypes --outDir out readme.ts every-entry.ts

node out/readme.js | tee printed
grep -qx "The message is queued." printed
node out/every-entry.js

# The entry that needs optional peers.
peers=$(cd "$root" && node -p '
  const { devDependencies: dev } = require("./package.json");
  ["@effect/experimental", "ioredis", "@types/node"].map((name) => `${name}@${dev[name]}`).join(" ")')
# shellcheck disable=SC2086
npm install --silent --no-audit --no-fund $peers
cp "$root/test/package/redis-entry.ts" .
npx tsc --target ES2022 --module NodeNext --strict --exactOptionalPropertyTypes --skipLibCheck --outDir out redis-entry.ts
node out/redis-entry.js
