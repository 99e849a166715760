#!/usr/bin/env bash
# Lets the sandbox refuse a message, and lets curl send it again.
set -euo pipefail
sandbox=${SANDBOX:-http://127.0.0.1:4700}

curl --fail-with-body -sS "$sandbox/__sandbox/faults" \
  -H "Content-Type: application/json" \
  -d '{ "operation": "sending.emails.send", "kind": { "_tag": "RateLimited", "retryAfter": 1 } }'
echo

# curl repeats a request that receives 429, after the time in Retry-After.
curl --retry 2 --fail -sS "$sandbox/sending/api/v1/emails/send" \
  -H "Authorization: Bearer smx_mbx_sandbox" \
  -H "Content-Type: application/json" \
  -H "Idempotency-Key: patience" \
  -d '{
    "from": { "email": "hello@example.com" },
    "to": { "email": "ada@example.org" },
    "subject": "Patience",
    "html_body": "<p>Hello Ada</p>"
  }'
echo

# The list has no fault any more, and "unused" would name one that no request has met.
curl --fail-with-body -sS "$sandbox/__sandbox/faults"
echo
