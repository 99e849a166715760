#!/usr/bin/env bash
# Installs Chromium for the tests of the page of the sandbox, from Debian's packages, unless it is installed.
#
#   chromium.sh install     installs it, and prints the path of the program
set -euo pipefail

case "${1:-}" in
  install)
    if ! command -v chromium >/dev/null; then
      export DEBIAN_FRONTEND=noninteractive
      apt-get update -qq >&2
      apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >&2
    fi
    command -v chromium
    ;;
  *)
    echo "usage: chromium.sh install" >&2
    exit 2
    ;;
esac
