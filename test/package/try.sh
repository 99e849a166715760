#!/usr/bin/env bash
# Uses the packed package as new users do: try.sh [tarball]. Packs it if no tarball is given.
#
# Checks the content of the tarball. Installs it into folders as `npm init` makes them, with the lines of the README for each
# major version of Effect, and expects no warning. Type-checks, bundles and runs programs there, as ES modules and as CommonJS,
# and checks what the wrong entry says.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cd "$root"
if [ $# -gt 0 ]; then cp "$1" "$work"; else npm pack --silent --pack-destination "$work" >/dev/null; fi
tarball=$(echo "$work"/*.tgz)
version_of() { node -p "require('$root/$1/package.json').version"; }
typescript="typescript@$(version_of node_modules/typescript)"

# The first code block of the README.
awk '/^```ts$/ { inside = 1; next } /^```$/ && inside { exit } inside' README.md >"$work/readme.ts"
cp test/package/every-entry.ts test/package/redis-entry.ts test/package/commonjs.ts "$work"

compile() { npx tsc --target ES2022 --module NodeNext --strict --exactOptionalPropertyTypes --skipLibCheck false "$@"; }

# npm reports the optional native part of a dependency of @effect/platform, which it does not build.
no_warnings() {
  if grep -v "^npm warn install-scripts" warnings || grep "effect-sendmux" warnings; then
    echo "the installation must not warn"
    return 1
  fi
}

# expect <text> <command...>: the command prints the text as one of its lines.
expect() {
  local text=$1
  shift
  "$@" | tee printed
  grep -qx "$text" printed
}

# Whether this Node is at least <major>.<minor>.
node_is() { node -e 'const [a, b] = process.versions.node.split(".").map(Number), [c, d] = process.argv[1].split(".").map(Number)
  process.exit(a > c || (a === c && b >= d) ? 0 : 1)' "$1"; }
can_require() { node_is 22.12 || { node_is 20.19 && ! node_is 21.0; }; }

# install_lines <file>: the packages of each line "npm install effect-sendmux ...", with the tarball instead of the name.
install_lines() { sed -nE "s#^npm install effect-sendmux ([^\#]*[^\# ]) *(\#.*)?\$#$tarball \1#p" "$1"; }

# try <folder> <wrong entry> <text of its message> <packages...>
try() {
  local folder=$1 wrong=$2 message=$3
  shift 3
  printf '\n-- %s\n' "$*"
  mkdir "$work/$folder"
  cd "$work/$folder"
  npm init --yes >/dev/null
  npm install --no-audit --no-fund "$@" 2>warnings | tail -1
  no_warnings
  npm install --silent --no-audit --no-fund "$typescript"

  cp "$work/$folder-readme.ts" readme.mts
  cp "$work/$folder-every-entry.ts" every-entry.mts
  compile --outDir out readme.mts every-entry.mts
  compile --module Node16 --noEmit readme.mts every-entry.mts
  compile --module ESNext --moduleResolution Bundler --noEmit readme.mts every-entry.mts
  expect "The message is queued." node out/readme.mjs
  node out/every-entry.mjs

  if can_require; then
    cp "$work/$folder-commonjs.ts" commonjs.ts
    compile --outDir out commonjs.ts
    grep -q 'require("effect-sendmux' out/commonjs.js
    expect "queued 1 true true" node out/commonjs.js
  else
    echo "skipped: this Node cannot require ES modules"
  fi

  "$root/node_modules/.bin/esbuild" readme.mts --bundle --format=esm --platform=browser --outfile=esbuild.mjs --log-level=warning
  expect "The message is queued." node esbuild.mjs
  printf '<script type="module" src="readme.mts"></script>\n' >index.html
  printf 'export default { build: { modulePreload: false, target: "es2022", chunkSizeWarningLimit: 5000 } }\n' >vite.config.mjs
  "$root/node_modules/.bin/vite" build --logLevel warn --outDir vite 2>&1 | tee vite.log
  if [ -s vite.log ]; then
    echo "vite must not warn"
    return 1
  fi
  mv vite/assets/index-*.js vite/index.mjs
  expect "The message is queued." node vite/index.mjs

  # The entry that needs optional peers.
  npm install --silent --no-audit --no-fund "${redis_peers[@]}" "@types/node@$(version_of node_modules/@types/node)"
  cp "$work/$folder-redis-entry.ts" redis-entry.mts
  compile --skipLibCheck true --outDir out redis-entry.mts
  node out/redis-entry.mjs

  printf 'import { Sending } from "%s/Sending"\nconsole.log(Sending)\n' "$wrong" >wrong.mts
  if node --input-type=module --eval "$(cat wrong.mts)" 2>error; then
    echo "the wrong entry must not load"
    return 1
  fi
  grep -o "$message" error | head -1
  if compile --noEmit wrong.mts >types; then
    echo "the wrong entry must not type-check"
    return 1
  fi
  grep -q "$message" types
  # A project that does not check libraries learns it from the options of a layer.
  printf 'import { Sending } from "%s/Sending"\nimport * as Redacted from "effect/Redacted"\nSending.layer({ apiKey: Redacted.make("k") })\n' \
    "$wrong" >options.mts
  if npx tsc --target ES2022 --module NodeNext --strict --skipLibCheck --noEmit options.mts >types; then
    echo "the options of the wrong entry must not type-check"
    return 1
  fi
  grep -o "Effect [34] is installed\. Import from [^'\".]*" types | head -1
}

# The command line program, which needs no other package: by npx from the tarball, and its file alone.
printf '\n-- effect-sendmux sandbox\n'
mkdir "$work/alone"
cd "$work/alone"
tar -xzf "$tarball" --strip-components 3 package/dist/cli/effect-sendmux.js
node "$root/test/package/program.mjs" npx --yes --package "$tarball" effect-sendmux sandbox --port 0 --quiet
node "$root/test/package/program.mjs" node "$work/alone/effect-sendmux.js" sandbox --port 0 --quiet
cd "$root"

for file in readme every-entry redis-entry commonjs; do
  cp "$work/$file.ts" "$work/effect3-$file.ts"
  node effect4/sync.mjs --convert "$work/$file.ts" >"$work/effect4-$file.ts"
done

printf '\n-- the content of the tarball\n'
mkdir "$work/content"
tar -xzf "$tarball" -C "$work/content" --strip-components 1
node "$root/test/package/content.mjs" "$work/content"

# The lines for optional packages, which are only resolved.
while read -r node packages; do
  node_is "$node" || { echo "skipped, needs Node $node: $packages"; continue; }
  mkdir "$work/resolve"
  cd "$work/resolve"
  npm init --yes >/dev/null
  # shellcheck disable=SC2086
  npm install --package-lock-only --no-audit --no-fund $packages 2>warnings >/dev/null
  no_warnings
  echo "resolved without a warning: ${packages#"$tarball" }"
  cd "$root"
  rm -rf "$work/resolve"
done < <(install_lines "$root/docs/effect-4.md" | sed -E '/platform-node@4/s/^/22.19 /; t; s/^/20.0 /')

ioredis="ioredis@$(version_of node_modules/ioredis)"
mapfile -t lines < <(install_lines "$root/README.md")
[ "${#lines[@]}" = 2 ]
redis_peers=("$ioredis" "@effect/experimental@$(version_of node_modules/@effect/experimental)")
# shellcheck disable=SC2086
try effect3 effect-sendmux/v4 with-effect-3-import-effect-sendmux ${lines[0]}
redis_peers=("$ioredis")
# shellcheck disable=SC2086
try effect4 effect-sendmux with-effect-4-import-effect-sendmux-v4 ${lines[1]}
