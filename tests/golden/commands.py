"""The twelve golden runs: commands as a shop gives them, each run in a folder of its own with all input files."""

import shlex
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
POLICIES = tuple(sorted(path.stem for path in (ROOT / "policies").glob("*.yaml")))
PLATFORMS = ("klaviyo", "mailchimp", "braze", "google-ads", "meta", "csv", "json")
LAYOUTS = ("rees46", "retailrocket", "ga4", "shopify_checkouts", "shopify_orders", "api_checkouts", "api_orders")
LIFT = (
    "--arm arm --control control --outcome converted --revenue revenue --id user_id --covariate revenue_before"
    " --allocation control=0.5,mail=0.5 --contact_cost 0.05"
)
LISTS = (
    "--consent agreed.csv --country US --experiment spring --holdout 0.2 --contacted contacted.csv --within 30"
    " --coupons coupons.csv --suppress unsubscribed.csv --bought buyers.csv"
)
EUROPEAN = "--input european.csv --encoding cp1252"
SAVE = "--input customers.csv --save autumn --experiment autumn --arms control=0.5,mail=0.5"


def _inputs() -> tuple[str, ...]:
    """Return the customer table in every kind of file, and what is refused."""
    kinds = ("csv", "csv.gz", "jsonl", "xlsx", "parquet")
    return (
        *(f"--input customers.{kind} --output_dir {kind.replace('.', '-')}" for kind in kinds),
        f"{EUROPEAN} --timezone Europe/Berlin --output_dir european",
        f"{EUROPEAN} --date-order dmy --decimal comma --policy twelve-leaf --output_dir told",
        "--input faulty.csv --output_dir faulty",
        "--input faulty.csv --on-conflict latest --output_dir latest",
        "--input customers.jsonl faulty.csv --output_dir two",
        "--input sqlite:///shop.db --query 'SELECT * FROM carts ORDER BY user_id' --output_dir database",
        *(f"inspect {name} --format json" for name in ("customers.parquet", "customers.xlsx", "faulty.csv")),
        "inspect european.csv --encoding cp1252",
        "--input people.csv",
        "--input customers.csv --start 2024-01-01",
        "--input customers.csv --policy five-segmnts",
    )


RUNS: dict[str, tuple[str, ...]] = {
    "policies": (
        *(f"--input customers.csv --policy {name} --output_dir {name}" for name in POLICIES),
        *(f"--input ordered.csv --policy {name} --output_dir {name}" for name in ("rfm", "spend-thirds")),
        "audit twice.yaml --input ordered.csv --repair mended.yaml",
        "audit twice.yaml --input ordered.csv --format json",
        "sql rfm --input ordered.csv --dialect duckdb --statement segments cube",
        "sql rfm --input ordered.csv --dialect bigquery --dbt dbt",
        "tree --input ordered.csv --depth 2 --bins 8 --resamples 5 --output better.yaml",
        "tree --input ordered.csv --depth 2 --bins 8 --resamples 5 --format json",
        "--input customers.csv --weights conv_pot=0.5,lift=0 --currency chf --min_size 60 --output_dir weighted",
        "--input customers.csv --start 2025-08-18 --output_dir earlier",
    ),
    "inputs": _inputs(),
    "logs": (
        *(f"--input {name} --output_dir {name[:-4]}" for name in ("rees46.csv", "retailrocket.csv", "ga4.csv")),
        "--input otto.jsonl --output_dir otto",
        "--input rees46.csv --recovery_hours 12 --outcome_days 5 --timezone Asia/Tokyo --output_dir tokyo",
        "--input rees46.csv --end 2025-09-14 --cutoff 2025-09-16 --policy twelve-leaf --output_dir cutoff",
        "backtest --input rees46.csv --format json",
        "backtest --input rees46.csv",
        "inspect otto.jsonl --format json",
    ),
    "shopify": (
        "--input shopify_checkouts.csv shopify_orders.csv shopify_customers.csv --output_dir exports",
        "--input shopify_checkouts.csv --timezone Europe/Berlin --output_dir alone",
        "--input api_checkouts.csv api_orders.csv --output_dir interface",
        "backtest --input api_checkouts.csv api_orders.csv --format json",
        "inspect shopify_checkouts.csv shopify_orders.csv shopify_customers.csv --format json",
    ),
    "orders": (
        "--input woocommerce.csv --output_dir woocommerce",
        "--input retail.csv",
        *(f"inspect {name} --format json" for name in ("cdnow.txt", "retail.csv", "woocommerce.csv")),
        *(f"inspect {name}.csv --format json" for name in LAYOUTS),
        "inspect cdnow.txt retail.csv",
    ),
    "mappings": (
        "--input events.csv --mapping log.yaml --output_dir events",
        "--input orders.csv checkouts.csv people.csv --mapping shop.yaml --output_dir shop",
        "inspect orders.csv checkouts.csv people.csv --mapping shop.yaml --format json",
        "inspect orders.csv checkouts.csv people.csv --write-mapping guess.yaml --format json",
        "inspect orders.csv",
        "inspect events.csv --mapping log.yaml",
        "--input events.csv",
    ),
    "experiment": (
        SAVE,
        "holdout autumn --experiment second --output_dir held --save second --format json",
        "holdout autumn --experiment second",
        "results autumn outcomes.csv --lifts lifts.json --format json",
        "results autumn outcomes.csv --covariate revenue_before",
        "results autumn bought.csv --sent 2025-09-01 --days 10 --format json",
        f"lift outcomes.csv {LIFT} --format json",
        "lift out/segment_assignments.csv --arm Arm --control control --outcome email_consent --by Segment",
        "power --scores out/segment_scores.csv --format json",
        "power --size 5000 --holdout 0.2",
        "--input customers.csv --lifts lifts.json --output_dir next",
    ),
    "audiences": (
        "--input customers.csv --save week --max_size 150",
        *(f"audiences week --platform {name} --output_dir {name}" for name in PLATFORMS),
        f"audiences week --platform csv --profile spreadsheet --output_dir lists {LISTS}",
        "audiences week --platform mailchimp --experiment spring --arms no=0.2,a=0.4,b=0.4 --output_dir arms",
        "audiences --platform klaviyo --input customers.csv --policy aov-buckets --output_dir direct",
    ),
    "saved": (
        "--input faulty.csv --save week",
        "--input rees46.csv --policy value-recency --experiment autumn --save log --output_dir log",
        "runs list --format json",
        "runs show week --format json",
        "runs show log",
        "runs export week week.zip",
        "runs export log log.zip",
        "runs write log --output_dir written --profile spreadsheet",
        "runs erase 00100 --yes",
        "runs write week --output_dir erased",
        "runs import week.zip --name again",
        "runs rename again other",
        "runs delete week --yes",
        "runs list",
    ),
    "reports": (
        "--input customers.csv --policy twelve-leaf --experiment autumn --report customers.html",
        "--input rees46.csv --report log.html --output_dir log",
    ),
    "files": (
        "--input customers.csv --profile spreadsheet --output_dir spreadsheet",
        "--input customers.csv --format parquet --experiment autumn --output_dir parquet",
        "--input customers.csv --max_size 100 --output_dir waves",
        "--input customers.csv --max_size 100 --split-oversize --output_dir split",
        "--input customers.csv --timezone America/New_York --end 2025-08-30 --output_dir zone",
    ),
    "synthetic": (
        "generate --size 1200 --seed 5 --output people/people.csv",
        "--input people/people.csv --output_dir generated",
        "--mock --mock_size 1200 --seed 5 --policy twelve-leaf --output_dir built-in",
        "--version",
        "--help",
    ),
}
"""Each run with its commands, in their order."""


def words(command: str) -> list[str]:
    """Return the arguments of a command."""
    return shlex.split(command)
