#!/usr/bin/env bash
# Installs the packed tarball into empty projects, one for each major version of Effect, with only the peer dependencies.
# Type-checks and runs it there, and checks what the wrong entry says.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cd "$root"
npm pack --silent --pack-destination "$work" >/dev/null
version_of() { node -p "require('$root/$1/package.json').version"; }
typescript="typescript@$(version_of node_modules/typescript)"

# The first code block of the README.
awk '/^```ts$/ { inside = 1; next } /^```$/ && inside { exit } inside' README.md >"$work/readme.ts"
cp test/package/every-entry.ts test/package/redis-entry.ts "$work"

compile() { npx tsc --target ES2022 --module NodeNext --strict --exactOptionalPropertyTypes --skipLibCheck false "$@"; }

# try <folder> <wrong entry> <text of its message> <packages...>
try() {
  local folder=$1 wrong=$2 message=$3
  shift 3
  printf '\n-- %s\n' "$*"
  mkdir "$work/$folder"
  cd "$work/$folder"
  npm init --yes >/dev/null
  npm pkg set type=module
  npm install --no-audit --no-fund "$work"/*.tgz "$typescript" "$@" 2>warnings | tail -1
  # npm reports the optional native part of a dependency of @effect/platform, which it does not build.
  if grep -v "^npm warn install-scripts" warnings || grep "effect-sendmux" warnings; then
    echo "the installation must not warn"
    return 1
  fi

  cp "$work/$folder-readme.ts" readme.ts
  cp "$work/$folder-every-entry.ts" every-entry.ts
  compile --outDir out readme.ts every-entry.ts
  node out/readme.js | tee printed
  grep -qx "The message is queued." printed
  node out/every-entry.js

  # The entry that needs optional peers.
  npm install --silent --no-audit --no-fund "${redis_peers[@]}" "@types/node@$(version_of node_modules/@types/node)"
  cp "$work/$folder-redis-entry.ts" redis-entry.ts
  compile --skipLibCheck true --outDir out redis-entry.ts
  node out/redis-entry.js

  printf 'import { Sending } from "%s/Sending"\nconsole.log(Sending)\n' "$wrong" >wrong.ts
  if node --input-type=module --eval "$(cat wrong.ts)" 2>error; then
    echo "the wrong entry must not load"
    return 1
  fi
  grep -o "$message" error | head -1
  if compile --noEmit wrong.ts >types; then
    echo "the wrong entry must not type-check"
    return 1
  fi
  grep -q "$message" types
  # A project that does not check libraries learns it from the options of a layer.
  printf 'import { Sending } from "%s/Sending"\nimport * as Redacted from "effect/Redacted"\nSending.layer({ apiKey: Redacted.make("k") })\n' \
    "$wrong" >options.ts
  if npx tsc --target ES2022 --module NodeNext --strict --skipLibCheck --noEmit options.ts >types; then
    echo "the options of the wrong entry must not type-check"
    return 1
  fi
  grep -o "Effect [34] is installed\. Import from [^'\".]*" types | head -1
}

# The command line program, which needs no other package: by npx from the tarball, and its file alone.
printf '\n-- effect-sendmux sandbox\n'
mkdir "$work/alone"
cd "$work/alone"
tar -xzf "$work"/*.tgz --strip-components 3 package/dist/cli/effect-sendmux.js
node "$root/test/package/program.mjs" npx --yes --package "$(echo "$work"/*.tgz)" effect-sendmux sandbox --port 0 --quiet
node "$root/test/package/program.mjs" node "$work/alone/effect-sendmux.js" sandbox --port 0 --quiet

for file in readme every-entry redis-entry; do
  cp "$work/$file.ts" "$work/effect3-$file.ts"
  node effect4/sync.mjs --convert "$work/$file.ts" >"$work/effect4-$file.ts"
done

ioredis="ioredis@$(version_of node_modules/ioredis)"
redis_peers=("$ioredis" "@effect/experimental@$(version_of node_modules/@effect/experimental)")
try effect3 effect-sendmux/v4 with-effect-3-import-effect-sendmux \
  "effect@$(version_of node_modules/effect)" "@effect/platform@$(version_of node_modules/@effect/platform)"
redis_peers=("$ioredis")
try effect4 effect-sendmux with-effect-4-import-effect-sendmux-v4 "effect@$(version_of effect4/node_modules/effect)"
