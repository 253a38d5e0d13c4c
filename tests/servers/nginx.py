"""nginx for tests: the one that is installed, or Debian's package unpacked into a folder; nothing gets installed."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.waiting import end, wait_for_server

SETTINGS = """
daemon off;
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {site}
}}
"""


def find(folder: Path) -> str | None:
    """Return an nginx that runs, unpacked into the folder if need be; None where there is none."""
    found = shutil.which("nginx") or _unpacked(folder)
    return found if found and subprocess.run([found, "-v"], capture_output=True, check=False).returncode == 0 else None


def _unpacked(folder: Path) -> str | None:
    apt, unpack = shutil.which("apt-get"), shutil.which("dpkg-deb")
    if not apt or not unpack:
        return None
    download = [apt, "download", "-q", "nginx"]
    for command in (download, [apt, "update", "-q"], download):
        subprocess.run(command, cwd=folder, capture_output=True, stdin=subprocess.DEVNULL, check=False)
        package = next(folder.glob("nginx_*.deb"), None)
        if package:
            subprocess.run([unpack, "-x", str(package), str(folder)], check=True)
            return str(folder / "usr" / "sbin" / "nginx")
    return None


@contextmanager
def running(executable: str, folder: Path, site: str, url: str) -> Iterator[None]:
    """Run nginx with a site until the block ends.

    Args:
        executable: The program.
        folder: For its files.
        site: What stands in the `http` block.
        url: Answers with 200 once it runs.

    Raises:
        RuntimeError: It ends before it answers.
    """
    # Started by root, its workers would be nobody, who may not enter the folder.
    user = "user root;" if os.geteuid() == 0 else ""
    settings = folder / "nginx.conf"
    settings.write_text(SETTINGS.format(user=user, folder=folder, site=site), encoding="utf-8")
    process = subprocess.Popen([executable, "-p", str(folder), "-c", str(settings)], stdin=subprocess.DEVNULL)
    try:
        if not wait_for_server(process, url):
            raise RuntimeError("nginx did not start")
        yield
    finally:
        end(process)
