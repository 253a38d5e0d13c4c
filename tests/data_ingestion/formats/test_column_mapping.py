"""Column mappings: strict, reusable, and the way in for files of any layout."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st

from data_ingestion import ReadOptions, read_customers
from data_ingestion.files.peek import peek
from data_ingestion.formats.column_mapping import (
    MEANINGS,
    TEMPLATES,
    WORDED,
    ColumnMapping,
    fitting,
    mappings_from_yaml,
    mappings_to_yaml,
    needed,
)
from data_ingestion.recognition.guess import guess_layouts
from retention.activity.activity import Event
from retention.errors import ContractError, OptionError, UnsureLayoutError
from tests.data_ingestion.conftest import Read
from tests.real_data import DATA

ECOM = DATA / "clickstream" / "ecom.csv"
LOG = ColumnMapping("events", {"customer": "who", "time": "when", "event": "what"}, {"put": "cart", "pay": "purchase"})
ORDERS = {"customer": "who", "time": "when", "total": "sum"}
ROWS = "who,when,what\na,2025-09-01 10:00,put\na,2025-09-02 11:00,PAY\nb,2025-09-03 12:00,look\n"


def test_a_mapping_reads_a_file_of_any_headers(read: Read) -> None:
    intake = read(ROWS, mappings=(LOG,))
    assert intake.activity is not None
    assert intake.activity.event.tolist() == [Event.CART, Event.PURCHASE]
    assert intake.quarantine[["line", "reason"]].to_numpy().tolist() == [[4, "unknown_event"]]
    assert intake.sources[0].layout == "events"


def test_a_mapping_of_a_customer_table_renames_its_headers(read: Read) -> None:
    mapping = ColumnMapping("customers", {"user_id": "Kunde", "cart_abandoned_date": "Datum", "cart_value": "Wert"})
    intake = read("Kunde;Datum;Wert\n00123;2025-09-01;12.5\n", mappings=(mapping,))
    assert intake.rows[["user_id", "cart_value"]].to_numpy().tolist() == [["00123", 12.5]]


def test_a_mapping_goes_before_a_known_layout(read: Read) -> None:
    mapping = ColumnMapping("customers", {"user_id": "email", "cart_abandoned_date": "cart_abandoned_date"})
    intake = read("user_id,cart_abandoned_date,email\n1,2025-09-01,a@example.com\n", mappings=(mapping,))
    assert intake.rows["user_id"].tolist() == ["a@example.com"]


def test_each_file_gets_the_mapping_that_fits_it_best(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(ROWS, encoding="utf-8")
    (tmp_path / "people.csv").write_text("who,call\na,0170\n", encoding="utf-8")
    people = ColumnMapping("people", {"customer": "who", "phone": "call"})
    intake = read_customers(
        [tmp_path / "log.csv", tmp_path / "people.csv"], options=ReadOptions(mappings=(people, LOG))
    )
    assert [source.layout for source in intake.sources] == ["events", "people"]
    assert intake.activity is not None
    assert intake.activity.people["phone"].tolist() == ["0170"]


def test_the_mapping_with_most_columns_is_taken() -> None:
    more = ColumnMapping("events", {**LOG.columns, "visit": "session"})
    assert fitting([LOG, more], ["who", "when", "what", "session"]) == more
    assert fitting([LOG, more], [" WHO", "when", "What"]) == LOG
    assert fitting([more], ["who", "when", "what"]) is None


def test_a_mapping_that_fits_no_file_is_refused(read: Read) -> None:
    with pytest.raises(OptionError, match=r"fits none of the files.*no file has: who, when, what"):
        read("user_id,cart_abandoned_date\na,2025-09-01\n", mappings=(LOG,))


@pytest.mark.parametrize(
    ("layout", "columns", "words", "message"),
    [
        ("event", LOG.columns, {}, "'event' is not known. Did you mean 'events'"),
        ("events", {**LOG.columns, "tme": "x"}, {}, "'tme' is not a column of events. Did you mean 'time'"),
        ("events", {"customer": "who", "time": "when"}, {}, "events need a column for event"),
        ("orders", {"email": "mail", "total": "sum"}, {}, "orders need a column for time"),
        ("people", {"country": "land"}, {}, "people need a column for customer or email"),
        ("events", {**LOG.columns, "visit": "WHEN "}, {}, "stands for several columns"),
        ("events", {**LOG.columns, "visit": " "}, {}, "is blank"),
        ("events", LOG.columns, {"put": "carts"}, "cannot mean 'carts'. Did you mean 'cart'"),
        ("people", {"customer": "who"}, {"put": "cart"}, "people do not use words"),
        ("orders", ORDERS, {"done": "purchase"}, "no column that holds them. Add 'status"),
        ("orders", {**ORDERS, "status": "s"}, {"done": "cart"}, "'done' cannot mean 'cart'"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused(
    layout: str, columns: dict[str, str], words: dict[str, str], message: str
) -> None:
    with pytest.raises(ContractError, match=message):
        ColumnMapping(layout, columns, words)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file contains no mapping"),
        ("[]", "the file contains no mapping"),
        ("mappings: []", "the file contains no mapping"),
        ("format: events", "the file contains no mapping"),
        ("format: people\ncolumns: {email: mail}\nword: {}", "'word' is not a key of a mapping. Did you mean 'words'"),
        ("format: people\ncolumns: {email: 3}", "columns.email is not text"),
        ("format: people\ncolumns: [email]", "columns: contains no names"),
        ("format: [people]\ncolumns: {email: mail}", "format: is not text"),
        ("format: people\nformat: orders\ncolumns: {}", "line 2: key 'format' is used twice"),
        ("format: people\ncolumns: {emial: mail}", "'emial' is not a column of people. Did you mean 'email'"),
        ("format: people\ncolumns: &x {email: mail}\nwords: *x", r"aliases \(\*name\) are not allowed"),
        ("format: people\n  columns: {", "line 2"),
        ("x" * 300_000, "longer than"),
        ("mappings:\n- {format: people, columns: {email: a}}\n- {format: people, columns: {}}", "mapping 2"),
    ],
)
def test_yaml_that_is_no_mapping_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        mappings_from_yaml(text, source="map.yaml")


HEADERS = st.text(min_size=1, max_size=20).filter(lambda text: text.strip() != "")


@st.composite
def mappings(draw: st.DrawFn) -> ColumnMapping:
    layout = draw(st.sampled_from(sorted(TEMPLATES)))
    known = [each.column for each in TEMPLATES[layout].fields]
    chosen = set(draw(st.lists(st.sampled_from(known), unique=True)))
    columns = sorted(chosen | {group[0] for group in needed(layout, chosen)})
    headers = draw(
        st.lists(HEADERS, min_size=len(columns), max_size=len(columns), unique_by=lambda each: each.strip().casefold())
    )
    worded = WORDED.get(layout) in columns
    words = draw(st.dictionaries(HEADERS, st.sampled_from(MEANINGS[layout]))) if worded else {}
    return ColumnMapping(layout, dict(zip(columns, headers, strict=True)), words)


@given(st.lists(mappings(), min_size=1, max_size=3))
def test_mappings_come_back_from_yaml_as_they_were(made: list[ColumnMapping]) -> None:
    assert mappings_from_yaml(mappings_to_yaml(made)) == tuple(made)


def test_a_real_clickstream_is_read_through_its_guessed_mapping() -> None:
    with pytest.raises(UnsureLayoutError, match=r"no known layout; a row may be one event.*words for what happened"):
        read_customers([ECOM])
    guess = guess_layouts(peek(ECOM, ECOM.name, ReadOptions()))[0]
    assert guess.template.name == "events"
    (mapping,) = mappings_from_yaml(mappings_to_yaml([guess.mapping()]))
    assert (mapping.words["add_to_cart"], mapping.words["cart"], mapping.words["purchase"]) == (
        "cart",
        "view",
        "purchase",
    )
    intake = read_customers([ECOM], options=ReadOptions(mappings=(mapping,)))
    assert intake.activity is not None
    assert (intake.read, intake.accepted, len(intake.activity.people)) == (638, 638, 12)
    assert np.bincount(intake.activity.event)[[Event.CART, Event.PURCHASE]].tolist() == [38, 10]
    assert len(np.unique(intake.activity.visit)) == 66
