"""Tests a sign-up with the standard library: the code sends a mail, and the test opens its link."""

import http.client
import json
import os
import re
import time
import urllib.error
import urllib.request

SANDBOX = os.environ.get("SANDBOX", "http://127.0.0.1:4700")


def call(method, path, body=None, key=None, idempotency_key=None):
    """Returns the JSON of a response. Repeats a request if that is safe, after the time that the API asks for."""
    request = urllib.request.Request(
        SANDBOX + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Content-Type": "application/json",
            **({} if key is None else {"Authorization": f"Bearer {key}"}),
            **({} if idempotency_key is None else {"Idempotency-Key": idempotency_key}),
        },
    )
    is_safe = method == "GET" or idempotency_key is not None
    for attempt in range(1, 4):
        is_last = attempt == 3 or not is_safe
        try:
            with urllib.request.urlopen(request) as response:
                return json.load(response)
        except urllib.error.HTTPError as failure:
            error = json.load(failure)["error"]
            if is_last or not error["retryable"]:
                raise RuntimeError(f"{error['code']}: {error['message']}") from failure
            time.sleep(int(failure.headers.get("Retry-After", "1")))
        except (OSError, http.client.HTTPException):
            # No complete response has arrived, so nobody knows whether the request has run.
            if is_last:
                raise


def sign_up(address):
    """The code under test."""
    return call(
        "POST",
        "/sending/api/v1/emails/send",
        {
            "from": {"email": "hello@example.com"},
            "to": {"email": address},
            "subject": "Confirm your address",
            "html_body": '<p><a href="https://example.com/confirm?token=7">Confirm</a></p>',
        },
        key="smx_mbx_sandbox",
        # A repeated request sends the message once.
        idempotency_key=f"confirm-{address}",
    )


# The first request is refused, and the response of the second one is lost after the message was sent.
for kind in ({"_tag": "RateLimited", "retryAfter": 1}, {"_tag": "ResponseLost"}):
    call("POST", "/__sandbox/faults", {"operation": "sending.emails.send", "kind": kind})
sign_up("ada@example.org")

email = call("GET", "/__sandbox/wait?for=email&to=ada@example.org")["email"]
link = re.search(r'href="([^"]+)"', email["html"]).group(1)
assert link == "https://example.com/confirm?token=7", link

counters = call("GET", "/__sandbox/counters")
assert counters["emails"] == 1, counters
assert sum(counters["requests"]["sending.emails.send"].values()) == 3, counters
print("one message after three requests, with the link", link)
