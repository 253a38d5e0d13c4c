"""The way to mail and chat: lines for people, with the report, the same news once."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from retention.errors import OptionError
from run_store.small_files import keep_small, read_small
from weekly.monday import Monday

if TYPE_CHECKING:
    import apprise

TOLD = "weekly.json"


def tell(monday: Monday, lines: Sequence[str], *, alert: bool, report: Path | None = None) -> None:
    """Send lines to everybody who is to be told, the same lines once, with a report where there is one.

    Raises:
        OptionError: A variable is missing or holds no address, or the message was not accepted.
    """
    messages, path = monday.shop.messages, monday.workspace.folder / TOLD
    sent = json.dumps({"version": 1, "told": hashlib.sha256("\n".join(lines).encode()).hexdigest()}).encode()
    if not messages.to or (messages.when == "alerts" and not alert) or read_small(path) == sent:
        return
    title = f"{'Alert, ' if alert else ''}{lines[0].partition(': ')[0]}"
    attached = str(report) if report is not None and report.is_file() else None
    for name, channel in [(name, _channel(name, monday.environment)) for name in messages.to]:
        if not channel.notify(title=title, body="\n".join(lines), attach=attached):
            raise OptionError("a message was not accepted", where=name, hint="Check the address and the network")
    keep_small(path, sent)
    monday.log("told")


def _channel(name: str, environment: Mapping[str, str]) -> "apprise.Apprise":
    import apprise  # noqa: PLC0415 - most weeks tell nobody by mail

    # It would print what it says to servers, addresses included.
    apprise.logger.disabled = True
    channel, address = apprise.Apprise(), environment.get(name.removeprefix("env:"), "")
    if not channel.add(address):
        what = "holds no address that apprise knows" if address else "is not set"
        raise OptionError(
            f"the variable {what}", where=name, hint="Set it, such as mailtos://USER:PASSWORD@HOST?to=YOU"
        )
    return channel
