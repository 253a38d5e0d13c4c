"""Where a database is: a SQLAlchemy URL, whose secrets may stand in the environment."""

import re
from collections.abc import Mapping

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from retention.errors import OptionError, Setting

ENVIRONMENT = "env:"
"""`env:NAME` means the URL that the variable NAME holds."""
_VARIABLE = re.compile(r"\$\{(\w+)\}", re.ASCII)
_FORM = "Write dialect://user:password@host/database, with special characters in the password as %40 for @ and so on"


def database_url(text: str, environment: Mapping[str, str]) -> URL:
    """Return the URL of a database.

    Args:
        text: A SQLAlchemy URL, in which `${NAME}` stands for a variable of the environment; or `env:NAME` for a
            variable that holds the whole URL.
        environment: The variables.

    Raises:
        OptionError: It is no such URL, or a variable is not set; the message never holds the text.
    """
    if text.startswith(ENVIRONMENT):
        text = _variable(text.removeprefix(ENVIRONMENT), environment)
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise OptionError("the database URL cannot be read", where=Setting.DATABASE, hint=_FORM) from None
    local = url.get_backend_name() == "sqlite"
    if not local and text.count("@") > bool(url.username or url.password):
        # A bare @ in a password would make the rest of the password look like the host, which is shown.
        raise OptionError(
            "the database URL has an @ that is not between password and host", where=Setting.DATABASE, hint=_FORM
        )
    return _filled(url, environment)


def _filled(url: URL, environment: Mapping[str, str]) -> URL:
    """Return the URL with its variables replaced; after parsing, so that a secret may hold any character."""

    def fill(text: str | None) -> str | None:
        return text and _VARIABLE.sub(lambda match: _variable(match[1], environment), text)

    options = {
        key: tuple(fill(one) or "" for one in value) if isinstance(value, tuple) else fill(value) or ""
        for key, value in url.query.items()
    }
    parts = {"username": fill(url.username), "password": fill(url.password), "host": fill(url.host)}
    known = {name: value for name, value in parts.items() if value}
    return url.set(**known, database=fill(url.database) or "", query=options)  # type: ignore[arg-type]


def _variable(name: str, environment: Mapping[str, str]) -> str:
    value = environment.get(name, "")
    if not value:
        shown = f"'{name}' " if re.fullmatch(r"\w+", name, re.ASCII) else ""
        raise OptionError(
            f"the database URL names the environment variable {shown}which is not set",
            where=Setting.DATABASE,
            hint="Set it, or check its name",
        )
    return value


def shown_name(url: URL) -> str:
    """Return what may be shown of a URL: dialect, host and database.

    >>> shown_name(make_url("postgresql+psycopg://ann:secret@db.example:5433/shop?sslmode=require"))
    'postgresql://db.example:5433/shop'
    >>> shown_name(make_url("sqlite:////home/ann/shop.db"))
    'sqlite:///shop.db'
    """
    dialect, database = url.get_backend_name(), url.database or ""
    if dialect == "sqlite":
        base = re.split(r"[/\\]", database)[-1]
        return f"{dialect}:///{base}"
    port = f":{url.port}" if url.port else ""
    return f"{dialect}://{url.host or ''}{port}/{database}"
