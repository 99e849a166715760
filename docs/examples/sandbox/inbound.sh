#!/usr/bin/env bash
# Delivers a message to a mailbox, and reads it as a program would.
set -euo pipefail
sandbox=${SANDBOX:-http://127.0.0.1:4700}

curl --fail-with-body -sS "$sandbox/__sandbox/inbound" \
  -H "Content-Type: application/json" \
  -d '{ "to": "agent@sandbox.test", "from": "ada@example.org", "subject": "A question", "text": "Hello?" }'
echo

# The same with the source of a message, such as one that a mail program has saved.
printf 'From: Ada <ada@example.org>\r\nTo: agent@sandbox.test\r\nSubject: Raw\r\n\r\nHello again\r\n' |
  curl --fail-with-body -sS "$sandbox/__sandbox/inbound" \
    -H "Content-Type: message/rfc822" --data-binary @-
echo

curl --fail-with-body -sS "$sandbox/app/api/v1/mailbox/messages?q=question" \
  -H "Authorization: Bearer smx_mbx_sandbox"
echo
