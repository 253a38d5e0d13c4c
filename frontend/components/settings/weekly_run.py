"""The page of the week that runs by itself: its shop.yaml out of fields, shown, taken away, or written."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from audience_export import PLATFORMS
from frontend.components.settings import options_form
from frontend.state import AppState
from frontend.utils import format as fmt, pieces, policies, primary
from frontend.utils.pieces import LASTING
from frontend.utils.workspace import preferences, workspace
from retention.errors import InputError, OptionError
from weekly.config import Shop, read_shop, shop_of, shop_to_yaml, write_shop

NAME, PLACE = "shop.yaml", "weekly-run"
WHEN = {"always": "After every week", "alerts": "Only when something is unusual"}
LEAVES = re.compile(r"^(/|~|[A-Za-z]:)|(^|[\\/])\.\.([\\/]|$)")
"""A path that leads out of the folder of shop.yaml."""


def show(state: AppState) -> None:
    """Draw the fields, and the file that they make."""
    folder = workspace().folder.absolute()
    path = folder.parent / NAME
    kept = _kept(path)
    left, right = st.columns((3, 2), gap="large")
    with left:
        data = _fields({} if kept is None else kept.model_dump(mode="json", exclude_defaults=True), folder.name)
    with right, pieces.framed(NAME, "Paths are relative to the folder of the file, beside the workspace."):
        try:
            shop = shop_of(data, path)
        except InputError as error:
            pieces.problem(error)
            return
        _file(shop, path, state, same=kept == shop)


def _kept(path: Path) -> Shop | None:
    """Return the shop of the file that is there; None without one that can be read."""
    if not path.exists():
        return None
    try:
        return read_shop(path)
    except InputError as error:
        pieces.problem(error, kind="warning", after="The fields start empty; writing replaces the file.")
        return None


def _file(shop: Shop, path: Path, state: AppState, *, same: bool) -> None:
    text = shop_to_yaml(shop)
    st.code(text, language=None, wrap_lines=True)
    pieces.download("Download", text.encode, NAME, key="shop-download")
    arguments, label = (shop, path, state), f"Write {NAME}"
    primary.button(label, ":material/save:", key="shop-write", enabled=not same, on_click=_write, args=arguments)
    pieces.outcome(state, PLACE)
    if same:
        st.caption("The file beside the workspace says the same. The server's timetable starts the week with it.")


def _write(shop: Shop, path: Path, state: AppState) -> None:
    def write() -> None:
        data = shop.model_dump()
        parts = data["source"]["files"], data["audiences"]["suppress"], data["orders"]["files"]
        single = data["output"], data["reading"]["mapping"], data["audiences"]["agreed"]
        for each in [*single, *(text for part in parts for text in part)]:
            if LEAVES.search(each):
                raise OptionError(
                    f"'{each}' leads out of the folder of {NAME}",
                    hint="Name what lies in it, or download the file and put it in place yourself",
                )
        write_shop(path, shop)

    state.attempt_at(PLACE, write, f"{NAME} is written beside the workspace.")


def _fields(data: dict[str, Any], workspace_name: str) -> dict[str, Any]:
    with pieces.framed("The customers"):
        data["source"] = _source(data.get("source", {}))
    with pieces.framed("The shop"):
        names = ("", *policies.known())
        data["policy"] = _choice("Policy", names, data.get("policy", ""), "policy", "As in Settings")
        data["timezone"] = options_form.timezone(
            data.get("timezone") or preferences()[0].timezone, "shop-timezone", **LASTING
        )
        data["country"] = options_form.country(data.get("country", ""), "shop-country", **LASTING)
        data["currency"] = options_form.currency(data.get("currency", ""), "shop-currency", **LASTING)
    data["workspace"] = workspace_name
    with pieces.framed("The campaign"):
        audiences = data.get("audiences", {})
        platform = _choice("Platform", tuple(PLATFORMS), audiences.get("platform", "csv"), "platform")
        everybody = st.checkbox(
            "Everybody agreed to be contacted", audiences.get("assume_consent", False), key="shop-assume", **LASTING
        )
        data["audiences"] = {**audiences, "platform": platform, "assume_consent": everybody}
        data["holdout"] = _holdout(data.get("holdout") or {})
        orders = data.get("orders", {})
        files = _list("Orders, if the customers' files have none", orders.get("files", ()), "orders")
        data["orders"] = {**orders, "files": files}
    with pieces.framed("Who is notified"):
        messages = data.get("messages", {})
        about = "Names of the server's variables that hold addresses of mail or chat, such as env:SHOP_MAIL."
        to = _list("Variables with addresses", messages.get("to", ()), "to", about)
        when = pieces.segmented("When", WHEN, "shop-when", messages.get("when", "always"))
        data["messages"] = {**messages, "to": to, "when": when}
    return data


def _source(given: Mapping[str, Any]) -> dict[str, Any]:
    kinds = ["Files", "Database"]
    asks = st.radio("From", kinds, index=1 if given.get("database") else 0, horizontal=True, key="shop-from", **LASTING)
    if asks == "Files":
        return {"files": _list("Files, folders or patterns", given.get("files", ("exports/*.csv",)), "files")}
    about = "The name of the server's variable that holds the address; never the address itself."
    database = _text("Variable with the database's address", given.get("database", "env:SHOP_DATABASE"), "db", about)
    return {"database": database, "query": st.text_area("Query", given.get("query", ""), key="shop-query", **LASTING)}


def _holdout(given: Mapping[str, Any]) -> dict[str, Any] | None:
    about = "Without a name nobody is held out, and nothing can be learnt."
    name = _text("Name of the experiment", given.get("experiment", ""), "experiment", about)
    share = pieces.percent("Held out, %", (1.0, 99.0, 100 * given.get("share", 0.1)), "shop-share")
    return {**given, "experiment": name, "share": round(share, 6)} if name else None


def _text(label: str, value: str, key: str, about: str = "") -> str:
    typed: str = st.text_input(label, value, key=f"shop-{key}", help=about or None, live=True, **LASTING)
    return typed.strip()


def _list(label: str, values: Any, key: str, about: str = "") -> list[str]:
    text = st.text_area(
        f"{label}, one a line", "\n".join(values), key=f"shop-{key}", help=about or None, height=68, **LASTING
    )
    return [line.strip() for line in text.splitlines() if line.strip()]


def _choice(label: str, options: tuple[str, ...], value: str, key: str, empty: str = "") -> str:
    known = options if value in options else (value, *options)
    words = {one: fmt.plain(one) or empty for one in known}
    return pieces.pick(label, words, f"shop-{key}", index=known.index(value), **LASTING)
