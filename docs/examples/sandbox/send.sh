#!/usr/bin/env bash
# Sends a message, looks at it, and repeats the request under the same idempotency key.
set -euo pipefail
sandbox=${SANDBOX:-http://127.0.0.1:4700}

send() {
  curl --fail-with-body -sS "$sandbox/sending/api/v1/emails/send" \
    -H "Authorization: Bearer smx_mbx_sandbox" \
    -H "Content-Type: application/json" \
    -H "Idempotency-Key: welcome-ada" \
    -d '{
      "from": { "email": "hello@example.com" },
      "to": { "email": "ada@example.org" },
      "subject": "Welcome",
      "html_body": "<p>Hello Ada</p>"
    }'
}

first=$(send)

# Responds as soon as there is a message for Ada, whether it was sent before or is sent later.
curl --fail-with-body -sS "$sandbox/__sandbox/wait?for=email&to=ada@example.org&subject=Welcome"
echo

# The key is known, so the second request receives the first response and sends nothing.
second=$(send)
[ "$first" = "$second" ]
curl --fail-with-body -sS "$sandbox/__sandbox/counters"
echo
