"""Schedules a draft for tomorrow, and moves the time of the sandbox to then."""

import json
import os
import urllib.request
from datetime import datetime, timedelta, timezone

SANDBOX = os.environ.get("SANDBOX", "http://127.0.0.1:4700")


def call(method, path, body=None, key=None):
    request = urllib.request.Request(
        SANDBOX + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Content-Type": "application/json",
            **({} if key is None else {"Authorization": f"Bearer {key}"}),
        },
    )
    with urllib.request.urlopen(request) as response:
        return json.load(response)


now = call("GET", "/__sandbox/clock")["now_ms"]
tomorrow = datetime.fromtimestamp(now / 1000, timezone.utc) + timedelta(days=1)

draft = call(
    "POST",
    "/app/api/v1/mailbox/drafts",
    {"to": [{"email": "ada@example.org"}], "subject": "Reminder", "text_body": "It is time."},
    key="smx_mbx_sandbox",
)["data"]
call(
    "POST",
    f"/app/api/v1/mailbox/drafts/{draft['id']}/send",
    {
        "expected_revision": draft["revision"],
        "expected_schedule_version": draft["schedule_version"],
        "scheduled_for": tomorrow.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    },
    key="smx_mbx_sandbox",
)
assert call("GET", "/__sandbox/counters")["emails"] == 0

call("POST", "/__sandbox/clock", {"advance_ms": 24 * 60 * 60 * 1000})
email = call("GET", "/__sandbox/wait?for=email&subject=Reminder")["email"]
print("sent to", email["to"][0]["email"])
