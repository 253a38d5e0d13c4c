"""The commands lift and power as a person starts them."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cli.options.arguments import arguments
from main import app
from retention.experiment.words import MEANING
from tests.cli.test_documentation import EVERYWHERE, documented, options

Said = tuple[int, str, str]
Command = Callable[..., Said]

ASKED = ("--arm", "arm", "--control", "hold", "--outcome", "bought")


@pytest.fixture
def main(capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command in this process; return its exit code, output and errors."""

    def run(*given: object) -> Said:
        with pytest.raises(SystemExit) as ended:
            app(arguments(list(map(str, given))))
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """An experiment of 8,000 customers in two segments; the mail helps in one."""
    rng = np.random.default_rng(1)
    lines = ["id,arm,segment,bought,money"]
    for place in range(8_000):
        arm, segment = ("hold", "mail")[place % 2], ("VIP", "Rest")[place // 2 % 2]
        bought = rng.random() < (0.20 if (arm, segment) == ("mail", "VIP") else 0.10)
        lines.append(f"u{place},{arm},{segment},{int(bought)},{rng.integers(1000, 9000) / 100 if bought else 0}")
    path = tmp_path / "outcomes.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def measured(main: Command, *given: object) -> dict[str, Any]:
    code, out, err = main("lift", *given, "--format", "json")
    assert (code, err) == (0, "")
    content: dict[str, Any] = json.loads(out)
    return content


def test_json_tells_everything(main: Command, table: Path) -> None:
    asked = (*ASKED, "--revenue", "money", "--by", "segment", "--allocation", "hold=1/2,mail=1/2", "--margin", 0.3)
    found = measured(main, table, *asked)
    assert found["rows"] == {"read": 8_000, "customers": 8_000, "left_out": {}}
    assert found["sample_ratio"]["status"] == "passed"
    assert [arm["n"] for arm in found["arms"]] == [4_000, 4_000]
    (overall,) = found["overall"]
    assert overall["verdict"] == "pays"
    assert overall["difference_low"] < overall["difference"] < overall["difference_high"]
    groups = {row["group"]: row for row in found["groups"]}
    assert groups["VIP"]["verdict"] == "pays"
    assert groups["Rest"]["verdict"] == "nothing shown"
    assert groups["Rest"]["shrunk_difference"] is not None
    assert found["differing"][0]["words"].startswith("The effect differs")


def test_the_text_says_the_same_for_people(main: Command, table: Path) -> None:
    code, out, err = main("lift", table, *ASKED, "--revenue", "money", "--by", "segment", "--id", "id")
    assert (code, err) == (0, "")
    assert "8,000 rows read = 8,000 customers" in out
    assert "Not checked" in out
    assert "mail against hold. More conversions" in out
    assert "The effect differs between the groups" in out
    assert "Whether it pays cannot be said without costs" in out
    assert "u17" not in out


def test_a_mismatch_is_told_with_its_causes(main: Command, table: Path) -> None:
    found = measured(main, table, *ASKED, "--allocation", "hold=40,mail=60")
    assert found["sample_ratio"]["status"] == "mismatch"
    assert found["sample_ratio"]["causes"]
    assert found["overall"][0]["verdict"] == "blocked"
    code, out, _ = main("lift", table, *ASKED, "--allocation", "hold=40,mail=60")
    assert code == 0
    assert "Likely causes:" in out


def test_what_has_no_end_or_no_number_is_null(main: Command, tmp_path: Path) -> None:
    path = tmp_path / "few.csv"
    path.write_text("arm,bought\nhold,0\nmail,1\n", encoding="utf-8")
    (row,) = measured(main, path, *ASKED)["overall"]
    assert row["ratio"] is row["ratio_high"] is row["net_profit"] is None
    assert row["verdict"] == "nothing shown"
    assert main("lift", path, *ASKED)[0] == 0


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("--arm", "amr", "--control", "hold", "--outcome", "bought"), "Did you mean to rename 'arm' to 'amr'"),
        (("--arm", "arm", "--control", "holdout", "--outcome", "bought"), "Known: hold, mail"),
        (("--arm", "arm", "--control", "hold", "--outcome", "money"), "must be 0 or 1"),
        ((*ASKED, "--allocation", "hold=0.5"), "--allocation: the arm 'mail' has no share"),
        ((*ASKED, "--margin", "30"), "30 % is 0.3"),
        ((*ASKED, "--contact_cost", "-1"), "not an amount of money"),
        ((*ASKED, "--by", "id"), "more than 200"),
        ((*ASKED, "--by", "arm"), "given two roles"),
        (("--arm", "", "--control", "hold", "--outcome", "bought"), "no column is given for the arm"),
    ],
)
def test_bad_input_ends_with_2_and_one_message(
    main: Command, table: Path, given: tuple[str, ...], message: str
) -> None:
    code, out, err = main("lift", table, *given)
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1
    assert "Traceback" not in err


def test_money_that_can_be_read_both_ways_waits_for_a_word(main: Command, tmp_path: Path) -> None:
    path = tmp_path / "few.csv"
    path.write_text('arm,bought,money\nhold,0,0\nmail,1,"1,234"\n', encoding="utf-8")
    code, out, err = main("lift", path, *ASKED, "--revenue", "money")
    assert (code, out) == (2, "")
    assert "--decimal point" in err
    assert measured(main, path, *ASKED, "--revenue", "money", "--decimal", "point")["overall"][0]["revenue"] == 1234
    assert measured(main, path, *ASKED, "--revenue", "money", "--decimal", "comma")["overall"][0]["revenue"] == 1.234


def test_a_file_that_is_not_there_ends_with_2(main: Command, tmp_path: Path) -> None:
    code, _, err = main("lift", tmp_path / "none.csv", *ASKED)
    assert code == 2
    assert "cannot be opened" in err


def test_power_of_a_number_of_customers(main: Command) -> None:
    code, out, _ = main("power", "--size", 500, "--baseline", 0.1, "--holdout", 0.1, "--lift", 0.2)
    assert code == 0
    assert "found in 5.6 % of such experiments" in out
    assert "7,682 with half held out" in out
    code, out, _ = main("power", "--size", 500, "--baseline", 0.1, "--format", "json")
    (group,) = json.loads(out)["groups"]
    assert round(group["power"], 3) == 0.056
    assert round(group["power_unpooled"], 3) == 0.073
    assert group["share_needed"] is None


def test_scores_with_a_segment_twice_are_refused(main: Command, tmp_path: Path) -> None:
    scores = tmp_path / "segment_scores.csv"
    scores.write_text("Segment,Size\nVIP,500\nVIP,600\n", encoding="utf-8")
    code, out, err = main("power", "--scores", scores)
    assert (code, out) == (2, "")
    assert "a segment is listed twice" in err


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"Segment,Count\nVIP,500\n", "the file is not a table of scores with the columns Segment and Size"),
        (b"Segment,Size\nVIP,many\n", "the file is not a table of scores with the columns Segment and Size"),
        (b"Segment,Size\nVIP\n", "segment_scores.csv, line 2: a row cannot be read"),
        (b"<html>", "segment_scores.csv: the file is a web page"),
    ],
)
def test_what_is_no_table_of_scores_is_refused(main: Command, content: bytes, message: str, tmp_path: Path) -> None:
    scores = tmp_path / "segment_scores.csv"
    scores.write_bytes(content)
    code, out, err = main("power", "--scores", scores)
    assert (code, out) == (2, "")
    assert message in err


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16"])
def test_scores_may_come_back_from_a_spreadsheet(main: Command, encoding: str, tmp_path: Path) -> None:
    scores = tmp_path / "scores.csv"
    scores.write_bytes("Segment;Size\nGroße Körbe;9000\n".encode(encoding))
    assert "Große Körbe: 9,000 customers." in main("power", "--scores", scores)[1]


def test_power_of_every_segment(main: Command, tmp_path: Path) -> None:
    scores = tmp_path / "segment_scores.csv"
    scores.write_text("Segment,Size,Conv_Pot\nVIP,9000,0.3\nRest,40000,0.2\n", encoding="utf-8")
    code, out, _ = main("power", "--scores", scores, "--baseline", 0.1, "--format", "json")
    groups = json.loads(out)["groups"]
    assert code == 0
    assert [group["segment"] for group in groups] == ["VIP", "Rest"]
    assert groups[0]["power"] < groups[1]["power"]
    assert {group["alpha"] for group in groups} == {0.025}
    assert all(group["power_of_money"] < group["power"] for group in groups)
    assert "Rest: 40,000 customers." in main("power", "--scores", scores)[1]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ((), "either a number of customers or a file"),
        (("--size", 1), "1 customers cannot be split"),
        (("--size", 100, "--baseline", 0), "--baseline: 0 is not between"),
        (("--size", "inf"), "inf customers cannot be split"),
        (("--size", 100, "--power", 80), "80 % is 0.8"),
        (("--size", 100, "--power", 0.01), "no higher than the chance of a false alarm"),
        (("--size", 100, "--lift", 99), "takes the rate from"),
        (("--size", 100, "--weekly", 0), "will never be enough"),
        (("--scores", "none.csv"), "none.csv: the file cannot be opened"),
        (("--scores", "."), "the input is a folder, not a file"),
    ],
)
def test_plans_that_make_no_sense_end_with_2(main: Command, given: tuple[object, ...], message: str) -> None:
    code, out, err = main("power", *given)
    assert (code, out) == (2, "")
    assert message in err


@pytest.mark.parametrize(
    ("command", "heading"), [("lift", "Lift out of a table with arms"), ("power", "Power before sending")]
)
def test_every_option_is_explained(root: Path, command: str, heading: str) -> None:
    page = (root / "docs" / "command-line.md").read_text(encoding="utf-8")
    given = {name for name in options(command) if name.startswith("--")}
    assert given - EVERYWHERE == set(documented(page, heading))


def test_every_column_and_verdict_is_explained(root: Path, main: Command, table: Path) -> None:
    page = (root / "docs" / "experiments.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(\w+)`", page))
    found = measured(main, table, *ASKED, "--revenue", "money", "--by", "segment")
    assert set(found) - {"control", "treatments", "columns"} <= named
    ends = re.compile(r"_(low|high|control|p|p_adjusted)$")
    columns = {name for row in found["groups"] for name in row} - {"group", "arm"}
    assert {name for name in columns if name not in named and ends.sub("", name) not in named} == set()
    for verdict, meaning in MEANING.items():
        assert f"| `{verdict}` | {meaning}" in page


def test_limits_hold_for_the_table(main: Command, table: Path) -> None:
    code, _, err = main("lift", table, *ASKED, "--limits", "columns=2")
    advised = re.search(r"Use --limits (columns=\d+)", err)
    assert (code, advised is not None) == (2, True)
    assert advised is not None
    assert main("lift", table, *ASKED, "--limits", advised[1])[0] == 0


def test_guardrails_and_capping_are_told(main: Command, tmp_path: Path) -> None:
    path = tmp_path / "left.csv"
    rows = [
        f"u{i},{'mail' if i % 2 else 'hold'},{int(i % 20 < 2)},{50 * (i % 20 < 2)},{int(i % 10 == 1)}"
        for i in range(8_000)
    ]
    path.write_text("\n".join(["id,arm,bought,money,left", *rows]), encoding="utf-8")
    asked = ("--arm", "arm", "--control", "hold", "--outcome", "bought", "--revenue", "money")
    _, out, _ = main("lift", path, *asked, "--guardrail", "left=0.05", "--cap", "0.9", "--format", "json")
    found = json.loads(out)
    assert [(each["name"], each["status"]) for each in found["guardrails"]] == [("left", "broken")]
    assert found["overall"][0]["verdict"] == "guardrail broken"
    assert found["capping"]["amount"] == 50
    text = main("lift", path, *asked, "--guardrail", "left=50%", "--cap", "0.9")[1]
    assert "Guardrail: left +20.00 percentage points" in text
    assert "Money is capped" in text
    assert main("lift", path, *asked, "--guardrail", "left=x")[0] == 2
