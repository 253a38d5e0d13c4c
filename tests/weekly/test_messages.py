"""The five lines by mail: against a real server on loopback, once for the same news, and no address in a message."""

import socket
from collections.abc import Iterator
from datetime import date
from email import message_from_bytes
from email.header import decode_header, make_header
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from retention.period import Window
from tests.weekly.shop_cases import shop_at, weekly, write_weeks


class Inbox:
    """What a mail server took."""

    def __init__(self) -> None:
        self.mails: list[Any] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802 - as aiosmtpd calls it
        self.mails.append(message_from_bytes(envelope.content))
        return "250 taken"


def subject(mail: Any) -> str:
    """Return the subject as a person reads it."""
    return str(make_header(decode_header(mail["Subject"])))


@pytest.fixture
def inbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Inbox]:
    """A mail server on loopback, whose address is in the environment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    inbox = Inbox()
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    address = f"mailto://127.0.0.1:{port}?from=shop@example.com&to=team@example.com&mode=insecure"
    monkeypatch.setenv("SHOP_MAIL", address)
    yield inbox
    controller.stop()


def test_the_five_lines_are_mailed_once_with_the_report(tmp_path: Path, inbox: Inbox) -> None:
    write_weeks(tmp_path / "exports", [0])
    shop = shop_at(tmp_path, messages={"to": ["env:SHOP_MAIL"]})
    code, said = weekly(shop, "2025-09-08")
    assert code == 0, said
    assert weekly(shop, "2025-09-08")[0] == 0
    (mail,) = inbox.mails
    assert subject(mail) == f"Week {Window.starting(date(2025, 9, 1))}".replace("\u00a0", " ")
    parts = {part.get_content_type(): part for part in mail.walk()}
    text = b"".join(part.get_payload(decode=True) for part in mail.walk() if part.get_content_maintype() == "text")
    assert all(line.split(":")[0].encode() in text for line in said.splitlines())
    report = (tmp_path / "weekly" / "2025-09-01" / "report.html").read_bytes()
    assert any(part.get_filename() == "report.html" for part in parts.values())
    assert any(part.get_payload(decode=True) == report for part in mail.walk() if not part.is_multipart())


def test_only_alerts_are_mailed_where_the_shop_wants_it_so(tmp_path: Path, inbox: Inbox) -> None:
    write_weeks(tmp_path / "exports", [0])
    shop = shop_at(tmp_path, messages={"to": ["env:SHOP_MAIL"], "when": "alerts"})
    assert (weekly(shop, "2025-09-08")[0], inbox.mails) == (0, [])
    path = tmp_path / "exports" / "carts.csv"
    path.write_text(path.read_text().replace("2025-09-01", "2025-09-08") + "bad,never,1,2,3,,yes\n" * 5)
    assert weekly(shop, "2025-09-15")[0] == 0
    (mail,) = inbox.mails
    assert subject(mail) == f"Alert, Week {Window.starting(date(2025, 9, 8))}".replace("\u00a0", " ")


def test_a_stopped_week_is_told_as_well(tmp_path: Path, inbox: Inbox) -> None:
    code, said = weekly(shop_at(tmp_path, messages={"to": ["env:SHOP_MAIL"]}), "2025-09-08")
    assert (code, "no file is there" in said) == (2, True)
    (mail,) = inbox.mails
    assert subject(mail) == "Alert, the week 2025-09-01 was not done"


@pytest.mark.parametrize(
    ("address", "told"),
    [(None, "is not set"), ("no address", "no address that apprise knows"), ("closed", "not accepted")],
)
def test_what_cannot_be_told_is_said_without_the_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str | None, told: str
) -> None:
    monkeypatch.delenv("SHOP_MAIL", raising=False)
    if address is not None:
        closed = "mailto://user:secret@127.0.0.1:9?from=a@example.com&to=b@example.com&mode=insecure&cto=1"
        monkeypatch.setenv("SHOP_MAIL", closed if address == "closed" else address)
    write_weeks(tmp_path / "exports", [0])
    code, said = weekly(shop_at(tmp_path, messages={"to": ["env:SHOP_MAIL"]}), "2025-09-08")
    assert (code, told in said, "secret" in said, "example.com" in said) == (2, True, False, False)
