"""Receives a webhook with the standard library, and checks its signature."""

import hashlib
import hmac
import json
import os
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer

SANDBOX = os.environ.get("SANDBOX", "http://127.0.0.1:4700")
secret = ""
received = []


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


class Receiver(BaseHTTPRequestHandler):
    """The code under test."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        timestamp = self.headers["X-Sendmux-Timestamp"]
        expected = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
        is_valid = hmac.compare_digest(self.headers["X-Sendmux-Signature-V2"], f"v1={expected}")
        is_recent = abs(time.time() - int(timestamp)) < 300
        if is_valid and is_recent:
            received.append(json.loads(body))
        self.send_response(204 if is_valid and is_recent else 401)
        self.end_headers()

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=server.serve_forever, daemon=True).start()

webhook = call(
    "POST",
    "/app/api/v1/webhooks",
    {"url": f"http://127.0.0.1:{server.server_port}/", "event_types": ["message.bounced"]},
    key="smx_root_sandbox",
)["data"]
secret = webhook["secret"]

# A message to the local part "bounce" bounces.
call(
    "POST",
    "/sending/api/v1/emails/send",
    {
        "from": {"email": "hello@example.com"},
        "to": {"email": "bounce@example.org"},
        "subject": "Welcome",
        "html_body": "<p>Hello</p>",
    },
    key="smx_mbx_sandbox",
)

# Waits for an attempt whose response is known, so that the receiver has handled the event.
delivery = call("GET", f"/__sandbox/wait?for=delivery&webhook={webhook['id']}")["delivery"]
assert delivery["result"] == "success", delivery
assert received[0]["data"]["recipients"] == ["bounce@example.org"], received
print("the receiver has accepted", received[0]["type"])
server.shutdown()
