#!/usr/bin/env bash
# Starts and stops a Redis server for the tests, on loopback and on a free port, without files on the disk.
#
#   redis.sh install        installs redis-server from Debian's packages, unless it is installed
#   redis.sh start <dir>    starts a server, writes its process id to <dir>/redis.pid, and prints its URL
#   redis.sh stop <dir>     stops the server that was started with <dir>
set -euo pipefail

case "${1:-}" in
  install)
    command -v redis-server >/dev/null && exit 0
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq >&2
    apt-get install -y -qq --no-install-recommends redis-server >&2
    ;;
  start)
    dir=${2:?the directory of the process id is missing}
    mkdir -p "$dir"
    for _ in 1 2 3 4 5; do
      port=$(node -e '
        const server = require("node:net").createServer()
        server.listen(0, "127.0.0.1", () => { console.log(server.address().port); server.close() })')
      redis-server --bind 127.0.0.1 --port "$port" --save "" --appendonly no --dir "$dir" \
        >"$dir/redis.log" 2>&1 &
      pid=$!
      # Another process may have taken the port in the meantime; the server then ends at once.
      for _ in $(seq 1 100); do
        if redis-cli -h 127.0.0.1 -p "$port" ping 2>/dev/null | grep -q PONG && kill -0 "$pid" 2>/dev/null; then
          echo "$pid" >"$dir/redis.pid"
          echo "redis://127.0.0.1:$port"
          exit 0
        fi
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
      done
      kill "$pid" 2>/dev/null || true
    done
    echo "redis-server did not start: see $dir/redis.log" >&2
    exit 1
    ;;
  stop)
    dir=${2:?the directory of the process id is missing}
    [ -f "$dir/redis.pid" ] || exit 0
    pid=$(cat "$dir/redis.pid")
    kill "$pid" 2>/dev/null || true
    for _ in $(seq 1 50); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    rm -f "$dir/redis.pid"
    ;;
  *)
    sed -n '2,7p' "$0" >&2
    exit 2
    ;;
esac
