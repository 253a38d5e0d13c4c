"""How long `main.py --help` takes, against Python doing nothing."""

from benchmarks.harness import ROOT, Row, at_most, process, times_note


def run() -> list[Row]:
    """Return the row of the start."""
    help_page = [str(ROOT / "main.py"), "--help"]
    pairs = [(process(help_page).seconds, process(["-c", "pass"]).seconds) for _ in range(21)][1:]
    return [at_most("python main.py --help, against python -c pass", pairs, 10, times_note(pairs))]
