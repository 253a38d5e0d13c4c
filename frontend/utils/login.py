"""Login: whether this server asks for one, through whom, and whom it lets in; all of it from the server's secrets.

Without an `[auth]` section everything is open. With one, or with secrets that cannot be read, nothing is open
until a person has logged in: a mistake in the file must not open the door. Nor must its loss: once a process asked
for a login, it never opens without one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from streamlit.errors import StreamlitAuthError
from streamlit.runtime.scriptrunner import get_script_run_ctx

UNREADABLE = "The server's secrets cannot be read."
NOT_A_LIST = "The section [access] of the server's secrets needs lists of text."
LOST = "The server's secrets asked for a login, and no longer do. It stays closed until it is restarted."
NO_PROVIDER = "The section [auth] of the server's secrets names no login provider."

_CLOSED: list[object] = []
"""The secrets that asked for a login: in a server one object, which outlives its file."""


@dataclass(frozen=True)
class LoginSettings:
    """How people log in, and whom the server lets in (in lower case), or the problem for which nobody can."""

    providers: tuple[str, ...] = ()
    emails: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()
    problem: str = ""

    def admits(self, person: "Person") -> bool:
        """Return whether a person may come in: everyone where no list is given, else confirmed addresses on it.

        >>> LoginSettings(domains=frozenset({"shop.example"})).admits(Person("Ada", "Ada@Shop.example"))
        True
        >>> LoginSettings(domains=frozenset({"shop.example"})).admits(Person("Eve", "eve@evil-shop.example"))
        False
        """
        if not self.emails and not self.domains:
            return True
        # Anyone may type somebody else's address at a provider; only its confirmation ties the address to the person.
        # The domain is compared whole: as an ending, `shop.example` would let `evil-shop.example` in.
        email = person.email.lower()
        return person.confirmed and (email in self.emails or email.rpartition("@")[2] in self.domains)


@dataclass(frozen=True)
class Person:
    """Who is logged in: a name, never empty, and an address if there is one, which the provider confirms or not."""

    name: str
    email: str
    confirmed: bool = True


def settings() -> LoginSettings | None:
    """Return how people log in, or None where everything is open."""
    configured, closed = _settings(), any(secrets is st.secrets for secrets in _CLOSED)
    if configured is not None and configured.problem != UNREADABLE:
        _CLOSED[:] = [st.secrets]
    return LoginSettings(problem=LOST) if configured is None and closed else configured


def _settings() -> LoginSettings | None:
    if not st.secrets.load_if_toml_exists():
        # Streamlit answers the same for no file and for a broken one; only the first may leave everything open.
        return LoginSettings(problem=UNREADABLE) if _has_secrets() else None
    if "auth" not in st.secrets:
        return None
    access = st.secrets.get("access", {})
    emails, domains = (_texts(access, name) for name in ("emails", "domains"))
    if emails is None or domains is None:
        return LoginSettings(problem=NOT_A_LIST)
    providers = _providers(st.secrets["auth"])
    return LoginSettings(providers, emails, domains, "" if providers else NO_PROVIDER)


def person() -> Person | None:
    """Return who is logged in; nobody outside of a page."""
    # Not of `st.user`, which looks for the secrets at every question, and a page asks a dozen times.
    context = get_script_run_ctx(suppress_warning=True)
    user = {} if context is None else context.user_info
    if not user.get("is_logged_in", False):
        return None
    claims = {name: str(user.get(name) or "") for name in ("name", "email", "preferred_username", "sub")}
    name = claims["name"] or claims["email"] or claims["preferred_username"] or claims["sub"]
    # A provider that does not say is taken at its word, as most business ones do not say.
    return Person(name, claims["email"], confirmed=user.get("email_verified", True) in (True, "true"))


def account() -> str:
    """Return what the audit trail calls whoever is logged in; nothing without a login, or outside of a page."""
    someone = person()
    return "" if someone is None else someone.email or someone.name


def begin(provider: str) -> str:
    """Send the browser to a provider; return why that is not possible, or nothing."""
    try:
        st.login(provider or None)
    except StreamlitAuthError as error:
        return str(error)
    return ""


def _has_secrets() -> bool:
    files: Sequence[str] = st.get_option("secrets.files")
    return any(Path(file).exists() for file in files)


def _providers(auth: object) -> tuple[str, ...]:
    if not isinstance(auth, Mapping):
        return ()
    named = tuple(name for name, value in auth.items() if isinstance(value, Mapping) and "client_id" in value)
    return ("", *named) if "client_id" in auth else named


def _texts(access: object, name: str) -> frozenset[str] | None:
    """Return a list of the section in lower case; None where it is no list of text."""
    values = access.get(name, []) if isinstance(access, Mapping) else None
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        return None
    return frozenset(value.strip().lower().removeprefix("@") for value in values)
