"""A small shop for tests: customers of some weeks, their orders, and the command as a person starts it."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml
from typer.testing import CliRunner

from cli.options.arguments import arguments
from main import app
from run_store import Weeks, Workspace

FIRST = date(2025, 9, 1)
"""A Monday."""
HEADER = "user_id,cart_abandoned_date,avg_order_value,engagement_score,profitability_score,email,email_consent\n"


def week_rows(week: int, customers: int = 60) -> str:
    """Return the customers of a week after the first as lines."""
    rows = []
    for number in range(customers):
        day = FIRST + timedelta(days=7 * week + number % 7)
        name, value = f"w{week}u{number:04}", (number * 37) % 200 + number % 10 / 10
        shares = f"{(number * 7) % 100 / 100},{(number * 3) % 10 / 10}"
        rows.append(f"{name},{day}T0{number % 10}:00:00+00:00,{value},{shares},{name}@example.com,yes\n")
    return "".join(rows)


def write_weeks(folder: Path, weeks: Sequence[int], customers: int = 60) -> None:
    """Write an export of some weeks."""
    folder.mkdir(exist_ok=True)
    text = HEADER + "".join(week_rows(week, customers) for week in weeks)
    (folder / "carts.csv").write_text(text, encoding="utf-8")


def write_orders(path: Path, customers: Sequence[str], day: str) -> None:
    """Write orders of some customers."""
    head = "user_id,event_time,event_type,product_id,price,user_session\n"
    path.write_text(head + "".join(f"{each},{day} 10:00:00 UTC,purchase,1,40.5,s\n" for each in customers))


def shop_at(folder: Path, **fields: Any) -> Path:
    """Write a shop.yaml and return it."""
    path = folder / "shop.yaml"
    data = {"source": {"files": ["exports"]}, "audiences": {"platform": "klaviyo"}} | fields
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    return path


def weekly(path: Path, today: str, *more: str) -> tuple[int, str]:
    """Run the command as on a day; return its exit code and what it said."""
    given = ["weekly", "--config", str(path), "--today", today, *more]
    result = CliRunner().invoke(app, arguments(given))
    return result.exit_code, result.output


def kept(folder: Path) -> Weeks:
    """Return the weeks of the shop."""
    return Weeks(Workspace(folder / ".workspace"))
