"""The command init: a shop.yaml out of options, and on a terminal out of questions."""

import sys

from cli.options.automation import InitOptions
from cli.shown.console import ask, say
from retention.errors import OptionError
from weekly.config import read_shop, shop_of, write_shop


def init_command(options: InitOptions) -> None:
    """Write a shop's file."""
    path = options.config
    if path.exists() and not options.overwrite:
        raise OptionError("the file is there already", where=f"--config {path}", hint="Add --overwrite to replace it")
    inputs = options.inputs or _asked("Where the exports are: a folder, or a pattern such as exports/*.csv", "exports")
    database = inputs[0] if inputs[0].startswith("env:") else ""
    source = {"database": database, "query": options.query or ""} if database else {"files": inputs}
    data: dict[str, object] = {
        "source": source,
        "policy": options.policy or "",
        "timezone": options.timezone or _answer("Time zone of the shop", "UTC"),
        "country": options.country or _answer("Country, for phone numbers without one", ""),
        "currency": options.currency or "",
        "audiences": {"platform": options.platform or _answer("Platform of the audience files", "csv")},
        "messages": {"to": options.message},
    }
    name = options.experiment or _answer("Name of the control group's experiment, empty for none", "")
    if name:
        data["holdout"] = {"experiment": name, "share": 0.1 if options.holdout is None else options.holdout}
    elif options.holdout is not None:
        raise OptionError("a holdout needs the name of its experiment", where="--holdout", hint="Add --experiment NAME")
    write_shop(path, shop_of(data, path))
    read_shop(path)
    say(f"{path} is written. Try it with: python main.py weekly --config {path}")


def _asked(words: str, usual: str) -> list[str]:
    if not sys.stdin.isatty():
        raise OptionError("there is nobody to ask where the customers come from", hint="Give --input FOLDER")
    return _answer(words, usual).split()


def _answer(words: str, usual: str) -> str:
    return (sys.stdin.isatty() and ask(f"{words} [{usual}]:")) or usual
