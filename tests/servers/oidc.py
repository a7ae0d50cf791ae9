"""A small identity provider: discovery, authorization, tokens with PKCE (RFC 7636), keys. Whoever comes is let in."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.servers.loopback_http import LoopbackHttp

CLIENT, SECRET = "console", "a client's secret"


@dataclass
class IdentityProvider(LoopbackHttp):
    """`person` is who sits at the browser: claims of the ID token. `wrong` replaces or (None) leaves out claims."""

    person: dict[str, Any] = field(default_factory=dict)
    wrong: dict[str, Any] = field(default_factory=dict)
    algorithm: str = "RS256"
    redirects: str = ""  # what is registered

    def __post_init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "1"})
        self.signer: Any = self.key
        self._codes: dict[str, dict[str, str]] = {}
        self.issuer = self.listen(self._handler())

    def described(self) -> dict[str, Any]:
        names = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        return {"issuer": self.issuer} | {name: f"{self.issuer}/{path}" for name, path in names.items()}

    def authorize(self, asked: dict[str, str]) -> str:
        """Return where the browser is sent back to."""
        assert asked["redirect_uri"] == self.redirects
        assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT)
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(8)
        self._codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        """Exchange a code, once, and only for the right client with the right verifier."""
        asked = self._codes.pop(form.get("code", ""), None)
        basic = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET.replace(' ', '+')}".encode()).decode()
        basics = {basic, "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()}
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if asked is None or authorization not in basics or challenge.decode().rstrip("=") != asked["code_challenge"]:
            return None
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "exp": now + 300, "iat": now, "nonce": asked["nonce"]}
        claims = {name: value for name, value in (claims | self.person | self.wrong).items() if value is not None}
        signed = jwt.encode({"alg": self.algorithm, "kid": "1"}, claims, self.signer, algorithms=[self.algorithm])
        return {"access_token": "x", "token_type": "Bearer", "id_token": signed}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                place = urlsplit(self.path)
                if place.path == "/authorize":
                    asked = {name: values[0] for name, values in parse_qs(place.query).items()}
                    self.send_response(303)
                    self.send_header("Location", provider.authorize(asked))
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                elif place.path == "/keys":
                    self._answer({"keys": [provider.key.as_dict(private=False)]})
                else:
                    self._answer(provider.described())

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = {name: values[0] for name, values in parse_qs(body).items()}
                found = provider.token(form, self.headers.get("Authorization", ""))
                self._answer(found or {"error": "invalid_grant"}, 200 if found else 400)

            def _answer(self, content: dict[str, Any], status: int = 200) -> None:
                sent = json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)

            def log_message(self, *_: object) -> None:
                """Say nothing on standard error."""

        return Handler
