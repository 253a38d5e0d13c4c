"""The door: open without secrets, closed with them, and closed by secrets that are wrong."""

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from frontend.utils import login
from frontend.utils.login import LoginSettings, Person
from tests.frontend.opening import dashboard

CLIENT = {"client_id": "id", "client_secret": "secret", "server_metadata_url": "http://127.0.0.1:9/"}
AUTH = {"redirect_uri": "http://127.0.0.1:8501/oauth2callback", "cookie_secret": "long and random and secret"}
ADA = {"is_logged_in": True, "name": "Ada", "email": "ada@shop.example"}


def opened(root: Path, secrets: dict[str, object], user: dict[str, object] | None = None) -> AppTest:
    app = dashboard(root)
    app.secrets = secrets
    app.user = user or {}
    return app.run()


def is_inside(app: AppTest) -> bool:
    return any(button.label == "Run Segmentation Analysis" for button in app.button)


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def alerts(app: AppTest) -> str:
    return " ".join(error.value for error in app.error)


def test_without_secrets_everything_is_open_and_nobody_is_named(root: Path) -> None:
    app = opened(root, {})
    assert is_inside(app)
    assert "Log out" not in labels(app)


def test_secrets_for_other_things_do_not_ask_for_a_login(root: Path) -> None:
    assert is_inside(opened(root, {"database": {"password": "x"}}))


def test_with_auth_only_the_login_is_drawn(root: Path) -> None:
    app = opened(root, {"auth": AUTH | CLIENT})
    assert labels(app) == ["Log in"]
    assert not app.selectbox


def test_each_named_provider_has_a_button(root: Path) -> None:
    app = opened(root, {"auth": {**AUTH, "google": CLIENT, "okta": CLIENT}})
    assert labels(app) == ["Log in with Google", "Log in with Okta"]


def test_who_is_logged_in_is_named_and_can_leave(root: Path) -> None:
    app = opened(root, {"auth": AUTH | CLIENT}, ADA)
    assert is_inside(app)
    assert any("Ada" in caption.value for caption in app.caption)
    assert "Log out" in labels(app)
    next(button for button in app.button if button.label == "Log out").click().run()
    assert not is_inside(app)


def test_somebody_who_is_not_on_the_list_stays_outside(root: Path) -> None:
    app = opened(root, {"auth": AUTH | CLIENT, "access": {"emails": ["eve@shop.example"]}}, ADA)
    assert not is_inside(app)
    assert "no access" in alerts(app)
    assert labels(app) == ["Log out"]


@pytest.mark.parametrize("auth", [{}, "yes", {"redirect_uri": "x"}, {"google": "x"}])
def test_auth_that_names_no_provider_lets_nobody_in(root: Path, auth: object) -> None:
    app = opened(root, {"auth": auth}, ADA)
    assert not is_inside(app)
    assert "names no login provider" in alerts(app)


@pytest.mark.parametrize("access", ["shop.example", {"domains": "shop.example"}, {"emails": [1]}])
def test_access_that_is_no_list_lets_nobody_in(root: Path, access: object) -> None:
    app = opened(root, {"auth": AUTH | CLIENT, "access": access}, ADA)
    assert not is_inside(app)
    assert "lists of text" in alerts(app)


def test_secrets_that_cannot_be_read_let_nobody_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "secrets.toml"
    broken.write_text("[auth\n", encoding="utf-8")
    monkeypatch.setattr(st, "secrets", type(st.secrets)())
    monkeypatch.setattr(st, "get_option", {"secrets.files": [str(broken)]}.__getitem__)
    monkeypatch.setattr("streamlit.runtime.secrets.config.get_option", {"secrets.files": [str(broken)]}.__getitem__)
    found = login.settings()
    assert found is not None
    assert found.problem == login.UNREADABLE


@pytest.mark.parametrize("left", [{}, {"database": {"url": "sqlite://"}}])
def test_a_login_that_vanishes_leaves_everything_closed(
    monkeypatch: pytest.MonkeyPatch, left: dict[str, object]
) -> None:
    secrets = type(st.secrets)()
    monkeypatch.setattr(st, "secrets", secrets)
    monkeypatch.setattr(secrets, "load_if_toml_exists", lambda: True)
    secrets._secrets = {"auth": AUTH | CLIENT}
    assert login.settings() == LoginSettings(providers=("",))
    secrets._secrets = left
    found = login.settings()
    assert found is not None
    assert found.problem == login.LOST


def test_somebody_whom_a_proxy_lets_in_is_named_and_leaves_at_the_proxy(root: Path) -> None:
    app = opened(root, {}, ADA)
    assert any("Ada" in caption.value for caption in app.caption)
    assert "Log out" not in labels(app)


def test_a_login_that_is_not_set_up_says_what_is_missing(root: Path) -> None:
    app = opened(root, {"auth": {"client_id": "id"}})
    app.button[0].click().run()
    assert not is_inside(app)
    assert "credentials" in alerts(app)


@pytest.mark.parametrize(
    ("email", "confirmed", "admitted"),
    [
        ("ada@shop.example", True, True),
        ("ADA@SHOP.EXAMPLE", True, True),
        ("ada@shop.example", False, False),
        ("ada@shop.example.evil", True, False),
        ("ada@sub.shop.example", True, False),
        ("bob@partner.example", True, True),
        ("eve@partner.example", True, False),
        ("", True, False),
    ],
)
def test_lists_admit_confirmed_addresses_only(email: str, confirmed: bool, admitted: bool) -> None:
    settings = LoginSettings(emails=frozenset({"bob@partner.example"}), domains=frozenset({"shop.example"}))
    assert settings.admits(Person("somebody", email, confirmed)) is admitted
