"""Apache for tests, with the modules that docs/deployment.md names, and a certificate of its own."""

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.waiting import end, wait_until
from tools.apache import Apache

SETTINGS = """
ServerRoot {folder}
{user}
ServerName localhost
PidFile {folder}/apache.pid
ErrorLog {folder}/error.log
DefaultRuntimeDir {folder}
Listen 127.0.0.1:{port}
{modules}
{site}
"""
BASE = ("mpm_event", "authz_core", "authn_core", "authz_user", "alias")
"""Modules that Debian's Apache has without being asked."""


def certificate(folder: Path) -> tuple[Path, Path]:
    """Write a certificate for `localhost` that it signs itself, and return its file and that of its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.PKCS8
    paths[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    return paths


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def running(apache: Apache, folder: Path, modules: tuple[str, ...], site: str, port: int) -> Iterator[None]:
    """Run Apache with a site until the block ends.

    Args:
        apache: The program and its modules.
        folder: For its files.
        modules: Those that the site needs.
        site: The documented site, made to fit this machine.
        port: Where it listens.

    Raises:
        RuntimeError: It ends before it listens.
    """
    # Debian 12 forgets to link its mod_qos with the library that it needs.
    files = [f"LoadFile {path}" for path in sorted(Path("/usr/lib").glob("*/libpcre.so.3"))]
    loaded = "\n".join(f"LoadModule {name}_module {apache.modules}/mod_{name}.so" for name in (*BASE, *modules))
    # Started by root, its workers are another user.
    user = "User www-data\nGroup www-data" if os.geteuid() == 0 else ""
    settings = folder / "apache.conf"
    settings.write_text(
        SETTINGS.format(folder=folder, user=user, port=port, modules="\n".join([*files, loaded]), site=site),
        encoding="utf-8",
    )
    command = [apache.program, "-DFOREGROUND", "-f", str(settings)]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    try:
        wait_until(lambda: process.poll() is not None or _listens(port))
        if process.poll() is not None:
            log = folder / "error.log"
            raise RuntimeError(f"Apache did not start:\n{log.read_text() if log.exists() else ''}")
        yield
    finally:
        end(process)
