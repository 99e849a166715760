#!/usr/bin/env bash
# Reads the events of a mailbox from the beginning, and ends the stream by moving the time.
set -euo pipefail
sandbox=${SANDBOX:-http://127.0.0.1:4700}

curl --fail-with-body -sS "$sandbox/__sandbox/inbound" \
  -H "Content-Type: application/json" \
  -d '{ "to": "agent@sandbox.test", "subject": "News" }'
echo

# The stream has every event after last_event_id, and ends after 60 seconds of the time of the sandbox.
curl --fail-with-body -sSN "$sandbox/app/api/v1/mailbox/events?last_event_id=0&close_after=60" \
  -H "Authorization: Bearer smx_mbx_sandbox" &
stream=$!

curl --fail-with-body -sS "$sandbox/__sandbox/wait?for=request&operation=mailbox.events.stream&status=200"
echo
curl --fail-with-body -sS "$sandbox/__sandbox/clock" \
  -H "Content-Type: application/json" -d '{ "advance_ms": 60000 }'
echo
wait "$stream"
