"""A login provider for tests: OpenID Connect with the parts that Streamlit uses, on this machine only.

Discovery, an authorize page that asks which person you are, a token end point that checks the client, the
redirect, the code and its challenge (PKCE), keys, and the end of a session. Codes work once.
"""

import base64
import hashlib
import html
import json
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID, CLIENT_SECRET = "dashboard", "a secret between the dashboard and its provider"
ALGORITHM = "RS256"


@dataclass
class Provider:
    """What the provider knows.

    Args:
        people: Claims of those who can log in, by the name on the page.
        url: Where it answers.
        key: Signs the tokens.
        codes: Logins that wait for the dashboard, by code.
        ended: Sessions that were ended.
    """

    people: Mapping[str, Mapping[str, object]]
    url: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, parameters={"kid": "tests"}))
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    ended: list[str] = field(default_factory=list)

    @property
    def netloc(self) -> str:
        """Host and port."""
        return urlsplit(self.url).netloc

    def metadata(self) -> dict[str, object]:
        """Return what a client needs to know."""
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            "end_session_endpoint": f"{self.url}/logout",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        }

    def choices(self, asked: Mapping[str, str]) -> str:
        """Return the page that asks who you are."""
        links = [
            f'<li><a href="/chosen?{html.escape(urlencode({**asked, "person": name}))}">{html.escape(name)}</a></li>'
            for name in self.people
        ]
        return f"<!doctype html><title>Log in</title><h1>Who are you?</h1><ul>{''.join(links)}</ul>"

    def chosen(self, asked: Mapping[str, str]) -> str:
        """Return where to go once a person is chosen."""
        code = secrets.token_urlsafe()
        self.codes[code] = dict(asked)
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, form: Mapping[str, str], authorization: str) -> dict[str, object] | None:
        """Return the tokens of a code, or None where anything about the request is wrong."""
        login = self.codes.pop(form.get("code", ""), None)
        # The standard has both percent-encoded first, which only some clients do.
        client = unquote(base64.b64decode(authorization.removeprefix("Basic ")).decode())
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if (
            login is None
            or client != f"{CLIENT_ID}:{CLIENT_SECRET}"
            or form.get("redirect_uri") != login["redirect_uri"]
            or challenge != login.get("code_challenge")
        ):
            return None
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": login["nonce"]}
        token = jwt.encode({"alg": ALGORITHM, "kid": "tests"}, {**claims, **self.people[login["person"]]}, self.key)
        return {"access_token": secrets.token_urlsafe(), "token_type": "Bearer", "expires_in": 300, "id_token": token}


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, provider: Provider, *rest: object) -> None:
        self.provider = provider
        super().__init__(*rest)  # type: ignore[arg-type]

    def log_message(self, *_: object) -> None:
        """Say nothing: the output belongs to the tests."""

    def do_GET(self) -> None:
        address, provider = urlsplit(self.path), self.provider
        asked = {name: values[0] for name, values in parse_qs(address.query).items()}
        if address.path == "/.well-known/openid-configuration":
            self._json(provider.metadata())
        elif address.path == "/jwks":
            self._json({"keys": [provider.key.as_dict(private=False)]})
        elif address.path == "/authorize" and asked.get("client_id") == CLIENT_ID:
            self._answer(200, provider.choices(asked).encode(), "text/html; charset=utf-8")
        elif address.path == "/chosen":
            self._redirect(provider.chosen(asked))
        elif address.path == "/logout":
            provider.ended.append(asked.get("id_token_hint", ""))
            self._redirect(asked["post_logout_redirect_uri"])
        elif address.path == "/favicon.ico":
            self._answer(204, b"", "image/x-icon")
        else:
            self._answer(404, b"", "text/plain")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        answer = self.provider.token(form, self.headers.get("Authorization", ""))
        self._json(answer if answer is not None else {"error": "invalid_grant"}, 200 if answer is not None else 400)

    def _json(self, content: Mapping[str, object], status: int = 200) -> None:
        self._answer(status, json.dumps(content).encode(), "application/json")

    def _redirect(self, url: str) -> None:
        self.send_response(302)
        self.send_header("Location", url)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _answer(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def serving(people: Mapping[str, Mapping[str, object]]) -> Iterator[Provider]:
    """Yield a provider that answers on this machine, and end it afterwards."""
    provider = Provider(people)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, provider))
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def auth_section(provider: Provider, redirect: str = "http://127.0.0.1:{port}") -> str:
    """Return the `[auth]` section of a dashboard's secrets; Streamlit fills its own port in."""
    return f"""[auth]
redirect_uri = "{redirect}/oauth2callback"
cookie_secret = "{secrets.token_urlsafe()}"
client_id = "{CLIENT_ID}"
client_secret = "{CLIENT_SECRET}"
server_metadata_url = "{provider.url}/.well-known/openid-configuration"
"""
