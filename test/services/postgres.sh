#!/usr/bin/env bash
# Starts and stops a PostgreSQL server for the tests, on loopback and on a free port, with data of its own.
#
#   postgres.sh install        installs postgresql from Debian's packages, unless it is installed
#   postgres.sh start <dir>    starts a server whose data is in <dir>/postgres, and prints the URL of its database
#   postgres.sh stop <dir>     stops the server that was started with <dir>, and removes its data
set -euo pipefail

binaries() { find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -1; }

# The server refuses to run as root.
as_user() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }

case "${1:-}" in
  install)
    [ -n "$(binaries)" ] && exit 0
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq >&2
    apt-get install -y -qq --no-install-recommends postgresql >&2
    ;;
  start)
    dir=${2:?the directory of the data is missing}
    bin=$(binaries)
    mkdir -p "$dir/postgres"
    if [ "$(id -u)" = 0 ]; then chmod a+x "$dir"; chown postgres "$dir/postgres"; fi
    cd "$dir/postgres"
    as_user "$bin/initdb" -D "$dir/postgres/data" -U sendmux -A trust --no-sync >"$dir/initdb.log" 2>&1
    for _ in 1 2 3 4 5; do
      port=$(node -e '
        const server = require("node:net").createServer()
        server.listen(0, "127.0.0.1", () => { console.log(server.address().port); server.close() })')
      # Another process may have taken the port in the meantime; the server then ends at once.
      if as_user "$bin/pg_ctl" -D "$dir/postgres/data" -l "$dir/postgres/log" -w -t 60 -o \
        "-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories=$dir/postgres" start >&2; then
        echo "postgresql://sendmux@127.0.0.1:$port/postgres"
        exit 0
      fi
    done
    echo "postgres did not start: see $dir/postgres/log" >&2
    exit 1
    ;;
  stop)
    dir=${2:?the directory of the data is missing}
    [ -d "$dir/postgres/data" ] || exit 0
    cd "$dir/postgres"
    as_user "$(binaries)/pg_ctl" -D "$dir/postgres/data" -m immediate -w stop >&2 || true
    cd /
    rm -rf "$dir/postgres"
    ;;
  *)
    sed -n '2,7p' "$0" >&2
    exit 2
    ;;
esac
