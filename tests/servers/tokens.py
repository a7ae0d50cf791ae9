"""Answers whose access token it is, as Dovecot asks the provider (RFC 7662 in spirit: Google's tokeninfo)."""

import json
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

from tests.servers.loopback_http import LoopbackHttp


class TokenEndpoint(LoopbackHttp):
    """`owners` maps access tokens to users."""

    def __init__(self, owners: Mapping[str, str]) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                token = parse_qs(urlsplit(self.path).query).get("access_token", [""])[0]
                owner = owners.get(token)
                body = json.dumps(
                    {"email": owner, "expires_in": 3599} if owner else {"error": "invalid_token"}
                ).encode()
                self.send_response(200 if owner else 400)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing on standard error."""

        self.url = f"{self.listen(Handler)}/?access_token="
