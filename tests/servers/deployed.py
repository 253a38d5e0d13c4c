"""The dashboard as docs/deployment.md says: its command, its Apache and its login, on this machine."""

import re
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tests.servers import apache
from tests.servers.dashboard import ROOT, Server, running
from tests.servers.provider import CLIENT_ID, CLIENT_SECRET, Provider
from tools.apache import Apache

PAGE = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
NAME = "tools.shop.example"
OWN = ("server.address", "server.port")
"""Options whose values a test chooses itself."""


def block(language: str) -> str:
    """Return the first block of a language on the page."""
    found = re.search(rf"^```{language}\n(.+?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


def options() -> dict[str, str]:
    """Return the options of the documented command, for a server with the name of this machine."""
    words = shlex.split(block("sh").replace("\\\n", " "))
    pairs = (word[2:].split("=", 1) for word in words if word.startswith("--"))
    return {name: value.replace(NAME, "localhost") for name, value in pairs if name not in OWN}


def modules() -> tuple[str, ...]:
    """Return the modules that the page enables."""
    found = re.search(r"`a2enmod ([a-z_ ]+)`", PAGE)
    assert found
    return tuple(found[1].split())


@contextmanager
def deployed(
    installed: Apache, provider: Provider, workspace: Path, folder: Path, port: int, without: str = ""
) -> Iterator[Server]:
    """Run the dashboard behind Apache.

    Args:
        installed: Which Apache.
        provider: Who logs people in.
        workspace: Of the dashboard.
        folder: For Apache's files.
        port: Where Apache listens.
        without: An option of the documented command to leave out.
    """
    certificate, key = apache.certificate(folder)
    chosen = {name: value for name, value in options().items() if name != without}
    with running(ROOT / "frontend" / "app.py", workspace, chosen) as inner:
        site = block("apache")
        for documented, here in {
            "*:443": f"127.0.0.1:{port}",
            f"https://{NAME}": f"https://localhost:{port}",
            f"/etc/ssl/certs/{NAME}.pem": str(certificate),
            f"/etc/ssl/private/{NAME}.key": str(key),
            "https://accounts.google.com": provider.url,
            'OIDCClientID "from the provider"': f'OIDCClientID "{CLIENT_ID}"',
            'OIDCClientSecret "from the provider"': f'OIDCClientSecret "{CLIENT_SECRET}"',
            f"ServerName {NAME}": "ServerName localhost",
            "127.0.0.1:8501": urlsplit(inner.url).netloc,
        }.items():
            assert documented in site
            site = site.replace(documented, here)
        with apache.running(installed, folder, modules(), site, port):
            yield Server(f"https://localhost:{port}/segments", inner.workspace, inner.log, inner.process)
