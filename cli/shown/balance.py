"""How alike the arms of an experiment are, as people and programs read it."""

import math
from collections.abc import Iterator
from typing import Any

from cli.shown.console import finite, table_text
from retention.experiment.balance import Balance, balance_words


def balance_content(balance: Balance) -> dict[str, Any]:
    """Return the balance for JSON, null for what an empty arm leaves unknown."""
    content: dict[str, Any] = finite(
        {
            "before": balance.before,
            "after": balance.after,
            "average": balance.average,
            "salts": balance.salts,
            "imputed": balance.imputed,
            "table": balance.table.to_dict("records"),
        }
    )
    return content


def balance_lines(balance: Balance) -> Iterator[str]:
    """Yield how alike the arms are, overall and per segment, as lines."""
    yield balance_words(balance)
    if not balance.covariates:
        return
    names = ("Segment", *balance.covariates, "Before", "After")
    rows = [
        [row["Segment"], *(_number(row[name], "+.2f") for name in balance.covariates)]
        + [_number(row[name], ".2f") for name in ("Before", "After")]
        for row in balance.table.to_dict("records")
    ]
    yield table_text(names, rows)


def _number(value: float, form: str) -> str:
    return f"{value:{form}}" if math.isfinite(value) else "unknown"
