"""The page of results keeps what was not measured anew."""

from pathlib import Path

from benchmarks import results


def test_a_section_is_replaced_and_the_others_stay(tmp_path: Path) -> None:
    page = tmp_path / "RESULTS.md"
    results.record("Ratios", "| 3 |", page)
    results.record("Server", "| 0.2 |", page)
    results.record("Ratios", "| 2 |", page)
    assert page.read_text(encoding="utf-8") == "# Ratios\n\n| 2 |\n\n# Server\n\n| 0.2 |\n"
