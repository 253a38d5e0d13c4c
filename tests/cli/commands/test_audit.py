"""The command audit as a person starts it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.options.arguments import arguments
from main import app
from tests.cli.test_documentation import EVERYWHERE, documented, options

Said = tuple[int, str, str]
Command = Callable[..., Said]
RULES = "VIP: avg_order_value > 100 and engagement_score > .5\nBig: avg_order_value > 100\nLow: avg_order_value < 100\n"


@pytest.fixture
def main(capsys: pytest.CaptureFixture[str]) -> Command:
    """Run the command in this process; return its exit code, output and errors."""

    def run(*given: object) -> Said:
        with pytest.raises(SystemExit) as ended:
            app(arguments(["audit", *map(str, given)]))
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "shop rules.yaml"
    path.write_text(RULES, encoding="utf-8")
    return path


def test_gaps_and_overlaps_are_told_with_an_example_and_a_repair(main: Command, rules: Path) -> None:
    code, out, err = main(rules)
    assert (code, err) == (0, "")
    assert "3 rules of shop rules.yaml (rules) over avg_order_value, engagement_score: 12 cells" in out
    assert "2 gaps" in out
    assert "Such as: avg_order_value 100, engagement_score 0\n    Repair: move the boundary of 'Low'" in out
    assert "'VIP' and 'Big': average order value over 100, engagement over 0.5" in out
    assert "Repair: 'VIP' before 'Big'" in out
    assert "add an ELSE" in out


def test_the_repair_is_a_policy_whose_audit_is_clean(main: Command, rules: Path, tmp_path: Path) -> None:
    target = tmp_path / "mended.yaml"
    assert main(rules, "--repair", target)[0] == 0
    assert main(rules, "--check")[0] == 3
    code, out, _ = main(target, "--check")
    assert (code, out.splitlines()[-1]) == (0, "Each customer is in exactly one segment.")
    assert main(rules, "--repair", target)[0] == 2
    assert main(rules, "--repair", target, "--overwrite")[0] == 0
    assert main(rules, "--repair", rules, "--overwrite")[0] == 2
    assert rules.read_text(encoding="utf-8") == RULES


def test_real_customers_are_counted(main: Command, rules: Path, root: Path) -> None:
    sample = root / "data_ingestion" / "sample_customers.csv"
    code, out, _ = main(rules, "--input", sample, "--format", "json")
    found = json.loads(out)
    assert code == 0
    assert (found["columns"], found["clean"]) == (["avg_order_value", "engagement_score"], False)
    assert found["overlaps"]["customers"] == found["overlaps"]["largest"][0]["customers"] > 0
    assert found["overlaps"]["largest"][0]["cart_value"] > 0
    told = main(rules, "--input", sample)[1]
    assert "real customers in two segments" in told


def test_a_policy_with_quantiles_needs_customers(main: Command, root: Path) -> None:
    policy = root / "policies" / "five-segments.yaml"
    code, _, err = main(policy)
    assert (code, "found in customers" in err) == (2, True)
    assert main(policy, "--input", root / "data_ingestion" / "sample_customers.csv")[0] == 0


def test_rules_that_are_not_understood_end_with_2(main: Command, tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text("segment,cart_value\nA,about 5\n", encoding="utf-8")
    code, out, err = main(path)
    assert (code, out) == (2, "")
    assert err.startswith("Error: r.csv, line 2: 'about 5' is not a number")
    assert main(tmp_path / "none.yaml")[0] == 2
    assert main(path, "--input", "postgresql://x/y")[0] == 2


def test_customers_without_a_column_of_the_rules_are_refused(main: Command, tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_text("A: archetype = x\n", encoding="utf-8")
    customers = tmp_path / "c.csv"
    customers.write_text("user_id,cart_abandoned_date\nu1,2025-09-24\n", encoding="utf-8")
    code, _, err = main(path, "--input", customers)
    assert (code, "archetype, which the input does not have" in err) == (2, True)


def test_every_option_is_explained(root: Path) -> None:
    page = (root / "docs" / "command-line.md").read_text(encoding="utf-8")
    asked = {name for name in options("audit") if name.startswith("-")}
    assert asked - EVERYWHERE == set(documented(page, "Rules of your own"))


def test_a_case_is_settled_by_its_order(main: Command, tmp_path: Path) -> None:
    path = tmp_path / "query.txt"
    path.write_text(
        "SELECT CASE WHEN cart_value > 9 THEN 'A' WHEN cart_value > 5 THEN 'B' ELSE 'C' END FROM x WHERE y = 1",
        encoding="utf-8",
    )
    code, out, err = main(path)
    assert (code, err) == (0, "")
    assert "The first rule that holds decides" in out
    assert "Customers whom no rule takes are in C." in out
    assert "Repair: none is needed, 'A' comes first" in out
    assert "what WHERE or JOIN leave out is not looked at" in out


def test_many_findings_are_counted_and_the_largest_shown(main: Command, tmp_path: Path) -> None:
    path = tmp_path / "table"
    rows = [f"{'AB'[n % 2]},{n}..{n + 1}" for n in range(40)]
    path.write_text("\n".join(["segment,cart_value", *rows]), encoding="utf-8")
    code, out, _ = main(path)
    assert code == 0
    assert "39 overlaps" in out
    assert "  and 29 more" in out
    assert "'A' (line 2) and 'B' (line 3): cart value 1\n" in out
    assert "'A' (line 2) before 'B' (line 3), or move the boundary of 'B' (line 3)" in out
