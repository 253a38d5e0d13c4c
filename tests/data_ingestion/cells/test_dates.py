from datetime import date, datetime, timedelta

import pyarrow as pa
import pytest
from hypothesis import given, strategies as st

from data_ingestion.cells.dates import BAD, MISSING, OUTSIDE, parse_dates
from retention.errors import SourceError
from tests.data_ingestion.conftest import Read

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - wall-clock times have no zone yet


def micros(text: str) -> int:
    cells = parse_dates(pa.array([text], pa.large_string()))
    return int(cells.micros[0])


def wall(text: str) -> str:
    return (EPOCH + timedelta(microseconds=micros(text))).isoformat(sep=" ")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-09-01", "2025-09-01 00:00:00"),
        (" 2025-09-01 ", "2025-09-01 00:00:00"),
        ("2025-9-1", "2025-09-01 00:00:00"),
        ("2025/09/01", "2025-09-01 00:00:00"),
        ("2025-09-01T10:20", "2025-09-01 10:20:00"),
        ("2025-09-01 10:20:30", "2025-09-01 10:20:30"),
        ("2025-09-01 10:20:30.5", "2025-09-01 10:20:30.500000"),
        ("2025-09-01 10:20:30.123456789", "2025-09-01 10:20:30.123456"),
        ("2025-09-01 9:05:00", "2025-09-01 09:05:00"),
        ("2025-09-01 9:05 PM", "2025-09-01 21:05:00"),
        ("2025-09-01 12:05 am", "2025-09-01 00:05:00"),
        ("2025-09-01T10:20:30Z", "2025-09-01 10:20:30"),
        ("2025-09-01 10:20:30 UTC", "2025-09-01 10:20:30"),
        ("2025-09-01T10:20:30+02:00", "2025-09-01 08:20:30"),
        ("2025-09-01 10:20:30 -0800", "2025-09-01 18:20:30"),
        ("2025-09-01 10:20:30+02", "2025-09-01 08:20:30"),
        ("2024-02-29", "2024-02-29 00:00:00"),
        ("2025-10-02 17:09:33 -0300", "2025-10-02 20:09:33"),
        ("2019-10-01 00:00:00 UTC", "2019-10-01 00:00:00"),
        ("20250901", "2025-09-01 00:00:00"),
        ("20250901T102030Z", "2025-09-01 10:20:30"),
        ("1 Sep 2025", "2025-09-01 00:00:00"),
        ("01-SEP-2025 10:20", "2025-09-01 10:20:00"),
        ("September 1, 2025", "2025-09-01 00:00:00"),
        ("Sept. 1st, 2025, 9:05 p.m.", "2025-09-01 21:05:00"),
        ("September 1, 2025 at 9:05\u202fAM", "2025-09-01 09:05:00"),
        ("2025-Sep-01", "2025-09-01 00:00:00"),
        ("1. Oktober 2025", "2025-10-01 00:00:00"),
        ("1 août 2025", "2025-08-01 00:00:00"),
        ("Monday, 1 September 2025", "2025-09-01 00:00:00"),
        ("Mon, 01 Sep 2025 10:20:30 +0200", "2025-09-01 08:20:30"),
        ("Mon Sep 01 2025 10:20:30 GMT+0200 (CEST)", "2025-09-01 08:20:30"),
        ("Mon 2025-09-01", "2025-09-01 00:00:00"),
        ("2025-09-01 10:20:30,5", "2025-09-01 10:20:30.500000"),
        ("1756684800", "2025-09-01 00:00:00"),
        ("1756684800000", "2025-09-01 00:00:00"),
        ("1756684800000000", "2025-09-01 00:00:00"),
        ("1756684800.25", "2025-09-01 00:00:00.250000"),
        ("२०२५-०९-०१", "2025-09-01 00:00:00"),
        ("2025-09-01 10:20 CEST", "2025-09-01 08:20:00"),
    ],
)
def test_a_form_of_date_is_read(text: str, expected: str) -> None:
    assert wall(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Dec 31, 2022, 10:30:15 AM",
        "Saturday, December 31, 2022 at 10:30:15 AM",
        "Sat Dec 31 10:30:15 UTC 2022",
        "Sat Dec 31 10:30:15 +0000 2022",
        "Dec 31, 2022 2:30:15 AM PST",
        "31-DEC-22 10.30.15.000000 AM",
        "Dec-31-22 10:30:15",
        "Dec 31 '22 10:30:15",
        "2022/12/31 19:30:15JST",
        "２０２２年１２月３１日 １０:３０:１５",  # noqa: RUF001 - digits of Japan
        "2022年12月31日(土) 10時30分15秒",
        "2022/12/31(土) 10:30:15",
        "2022年12月31日 上午10:30:15",
        "2022年12月31日 星期六 10:30:15",
        "2022. 12. 31. 오전 10:30:15",
        "2022년 12월 31일 토요일 오전 10:30:15",
        "31. Dezember 2022, 10:30:15 Uhr",
        "Samstag, 31. Dez. 2022 um 10:30:15",
        "31 décembre 2022 à 10:30:15",
        "samedi 31 déc. 2022 10:30:15",
        "31 de diciembre de 2022 10:30:15",
        "sábado, 31 de diciembre de 2022, 10:30:15 a. m.",
        "31 de dezembro de 2022 às 10:30:15",
        "31 dez. 2022 10:30:15",
        "31 декабря 2022 г. 10:30:15",  # noqa: RUF001 - Russian is meant
        "суббота, 31 дек. 2022 10:30:15",
        "31 dicembre 2022 alle ore 10:30:15",
        "sabato 31 dic 2022 10.30.15",
        "zaterdag 31 december 2022 om 10:30:15",
        "31 grudnia 2022 r. 10:30:15",
        "31. prosince 2022 10:30:15",
        "31. joulukuuta 2022 10:30:15",
        "31 decembrie 2022 10:30:15",
        "31 Δεκεμβρίου 2022 10:30:15",
        "31 грудня 2022 10:30:15",
        "31 ديسمبر 2022 10:30:15",
        "31 Desember 2022 10:30:15",
        "20221231103015",
        "31DEC2022:10:30:15",
        "31/Dec/2022:10:30:15",
        "31 Aralık 2022 10:30:15",  # noqa: RUF001 - the letter of Turkish
    ],
)
def test_a_date_of_many_languages_and_platforms_is_read(text: str) -> None:
    assert wall(text) == "2022-12-31 10:30:15"


@pytest.mark.parametrize(("text", "expected"), [("Mar 3, 2023", "03-03"), ("mar. 3 janv. 2023", "01-03")])
def test_a_word_for_a_month_and_a_weekday_is_what_the_rest_leaves(text: str, expected: str) -> None:
    assert wall(text) == f"2023-{expected} 00:00:00"


@pytest.mark.parametrize(
    "text",
    [
        *(
            "lørdag 6. september 2025",
            "la 6. syyskuuta 2025",
            "so 6. 9. 2025",
            "szombat 2025. 09. 06.",
            "Sabtu, 6 September 2025",
        ),
        *("Thứ Bảy, 06.09.2025", "שבת, 6 בספטמבר 2025", "السبت، 6 سبتمبر 2025", "субота, 6 вересня 2025"),
        *("Σάββατο, 6 Σεπτεμβρίου 2025", "วันเสาร์ที่ 6 กันยายน 2025", "sâmbătă, 6 septembrie 2025"),
    ],
)
def test_a_weekday_of_each_language_whose_months_are_known_stands_before_a_date(text: str) -> None:
    for day in (6, 5):
        cells = parse_dates(pa.array([text.replace("6", str(day), 1)], pa.large_string()))
        # In Slovak and in German `so` is another day, so that it stands for none.
        read = day == 6 or text.startswith("so ")
        assert cells.resolve("dmy").tolist() == [micros(f"2025-09-0{day}") if read else BAD]


@pytest.mark.parametrize(
    "dates",
    [
        ("2567-09-01", "2567-02-29"),
        ("1/9/2567 00:00", "29/2/2567", ""),
        ("1 กันยายน 2567", "วันพฤหัสบดีที่ 29 กุมภาพันธ์ พ.ศ. 2567"),
    ],
)
def test_a_column_of_years_of_the_buddhist_era_is_read_with_a_notice(dates: tuple[str, ...], read: Read) -> None:
    intake = read(HEADER + "".join(f"u{place},{text},\n" for place, text in enumerate(dates)))
    assert intake.rows["cart_abandoned_date"].dt.strftime("%Y-%m-%d").tolist()[:2] == ["2024-09-01", "2024-02-29"]
    assert (
        "customers.csv: 2 dates have a year of the Buddhist era; 543 are taken off, so that 2568 is 2025"
        in intake.warnings
    )


def test_a_year_far_ahead_among_others_is_an_error(read: Read) -> None:
    intake = read(HEADER + "a,2567-09-01,\nb,2024-09-01,\n")
    assert intake.quarantine["value"].tolist() == ["2567-09-01"]
    assert not intake.warnings


@pytest.mark.parametrize("text", ["", " ", "NA", "n/a", "NULL", "NaN", "none", "NaT"])
def test_a_spelling_of_missing_is_missing(text: str) -> None:
    assert micros(text) == MISSING


@pytest.mark.parametrize(
    "text",
    [
        "2025-02-29",
        "2025-00-10",
        "2025-13-10",
        "2025-01-32",
        "2025-09-01 24:00",
        "2025-09-01 10:60",
        "2025-09-01 10:20:61",
        "2025-09-01 13:00 PM",
        "2025-09-01 0:30 AM",
        "2025-09-01T10:20:30+25:00",
        "20251301",
        "45901",
        "0",
        "946684799",
        "4102444800",
        "17566848",
        "-1756684800",
        "2025-09-01x",
        "1 Sep 20251",
        "31 Sep 2025",
        "1 Sepp 2025",
        "Sep 2025",
        "Tue, 01 Sep 2025",
        "01/02/25",
        "2025-09-01 10:20 IST",
    ],
)
def test_what_is_no_date_is_bad(text: str) -> None:
    assert micros(text) == BAD


@pytest.mark.parametrize("text", ["1899-12-31", "2200-01-01", "0001-01-01"])
def test_a_year_that_no_shop_means_is_outside(text: str) -> None:
    assert micros(text) == OUTSIDE


def test_only_times_with_an_offset_are_instants() -> None:
    cells = parse_dates(pa.array(["2025-09-01T10:00:00Z", "2025-09-01 10:00:00", ""], pa.large_string()))
    assert cells.instant is not None
    assert cells.instant.tolist() == [True, False, False]


@pytest.mark.parametrize("separator", ["-", "/", "."])
def test_a_date_that_ends_with_the_year_is_read_both_ways(separator: str) -> None:
    cells = parse_dates(pa.array([separator.join(["01", "09", "2025"]) + " 10:30"], pa.large_string()))
    days = {order: EPOCH + timedelta(microseconds=int(cells.resolve(order)[0])) for order in ("dmy", "mdy")}
    assert {order: day.isoformat() for order, day in days.items()} == {
        "dmy": "2025-09-01T10:30:00",
        "mdy": "2025-01-09T10:30:00",
    }
    assert cells.resolve("ymd").tolist() == [BAD]


def test_a_weekday_can_tell_day_and_month_apart() -> None:
    cells = parse_dates(pa.array(["Mon 01/09/2025"], pa.large_string()))
    assert cells.ordered is not None
    assert (cells.ordered.day_first, cells.ordered.month_first) == (1, 0)


@pytest.mark.parametrize("scale", [1, 1_000, 1_000_000])
@pytest.mark.parametrize("more", [[], ["NA"]])
def test_numbers_since_1970_are_instants_in_the_unit_that_makes_sense(scale: int, more: list[str]) -> None:
    seconds = [946_684_800, 1_756_684_800, 4_102_444_799]
    cells = parse_dates(pa.array([*(str(each * scale) for each in seconds), "", *more], pa.large_string()))
    assert cells.micros[:3].tolist() == [each * 1_000_000 for each in seconds]
    assert cells.instant is not None
    assert cells.instant[:3].all()
    assert cells.epochs is not None
    assert cells.epochs.positions.tolist() == [0, 1, 2]
    assert set(cells.epochs.units.tolist()) == {{1: 2, 1_000: 1, 1_000_000: 0}[scale]}


def test_dates_or_numbers_in_one_unit_count() -> None:
    cells = parse_dates(pa.array(["2025-09-01", "01-09-2025", "1756684800", "1756684800000", ""], pa.large_string()))
    day = 1_756_684_800_000_000
    assert cells.kinds().tolist() == [2, 0, 1, 1]
    assert cells.resolve("dmy").tolist() == [day, day, BAD, BAD, MISSING]
    assert cells.resolve("dmy", 2).tolist() == [BAD, BAD, day, BAD, MISSING]
    assert cells.resolve("dmy", 1).tolist() == [BAD, BAD, BAD, day, MISSING]


@pytest.mark.parametrize(
    ("cells", "kept"),
    [
        (["1756684800", "1756684801", "2025-09-01", "17566848"], [0, 1]),
        (["2025-09-01", "1756684800", "20250902"], [0, 2]),
        (["1756684800000", "1756684800", "1756684801"], [1, 2]),
        (["2025-09-01", "1756684800"], [0]),
    ],
)
def test_a_column_holds_what_most_of_its_cells_are(cells: list[str], kept: list[int], read: Read) -> None:
    intake = read(HEADER + "".join(f"u{place},{cell},\n" for place, cell in enumerate(cells)))
    assert intake.rows["user_id"].tolist() == [f"u{place}" for place in kept]
    assert set(intake.quarantine["reason"]) == {"not_a_date"}
    assert intake.quarantine["value"].tolist() == [cell for place, cell in enumerate(cells) if place not in kept]


def test_a_column_that_ends_in_utc_is_read_as_a_whole_and_cell_by_cell_alike() -> None:
    texts = ["2019-10-01 00:00:00 UTC", "", "2019-10-01 00:00:01 UTC"]
    whole, single = (parse_dates(pa.array(each, pa.large_string())) for each in (texts, [*texts, "NA"]))
    assert whole.micros.tolist() == single.micros[:3].tolist()
    assert whole.instant is not None
    assert micros("2019-10-01 00:00:00+02 UTC") == BAD


@given(st.lists(st.datetimes(datetime(1900, 1, 1), datetime(2199, 12, 31)), min_size=1))  # noqa: DTZ001
def test_the_quick_way_and_the_general_way_agree(times: list[datetime]) -> None:
    texts = [time.isoformat(sep=" ") for time in times]
    quick = parse_dates(pa.array(texts, pa.large_string()))
    general = parse_dates(pa.array([*texts, "NA"], pa.large_string()))
    exact = [(time - EPOCH) // timedelta(microseconds=1) for time in times]
    assert quick.micros.tolist() == exact == general.micros[:-1].tolist()


@given(st.integers(-10, 2500), st.integers(-1, 14), st.integers(-1, 33))
def test_exactly_the_days_of_the_calendar_exist(year: int, month: int, day: int) -> None:
    text = f"{year:04d}-{month}-{day}"
    try:
        expected: int | None = (date(year, month, day) - date(1970, 1, 1)).days * 86_400_000_000
    except ValueError:
        expected = None
    wanted = BAD if expected is None else expected if 1900 <= year < 2200 else OUTSIDE
    assert micros(text) == wanted


HEADER = "user_id,cart_abandoned_date,last_order_date\n"


def abandoned(read: Read, body: str, **options: str) -> list[str]:
    rows = read(HEADER + body, **options).rows
    return [str(day) for day in rows["cart_abandoned_date"].dt.date]


def test_a_day_above_twelve_decides_the_order_for_all(read: Read) -> None:
    assert abandoned(read, "a,01-09-2025,\nb,13-09-2025,\n") == ["2025-09-01", "2025-09-13"]
    assert abandoned(read, "a,09/01/2025,\nb,09/13/2025,\n") == ["2025-09-01", "2025-09-13"]


def test_one_date_column_decides_for_the_other(read: Read) -> None:
    assert abandoned(read, "a,01-09-2025,31-08-2025\n") == ["2025-09-01"]


def test_a_row_that_is_rejected_still_decides(read: Read) -> None:
    assert abandoned(read, ",13-09-2025,\na,01-09-2025,\n") == ["2025-09-01"]


def test_iso_dates_never_need_the_order_and_never_decide_it(read: Read) -> None:
    intake = read(HEADER + "a,2025-09-13,\n")
    assert intake.sources[0].date_order == "ymd"
    with pytest.raises(SourceError, match="line 3: 1 date can be read day first or month first"):
        read(HEADER + "a,2025-09-13,\nb,01-09-2025,\n")


def test_dates_that_are_the_same_both_ways_need_no_order(read: Read) -> None:
    assert abandoned(read, "a,05-05-2025,\n") == ["2025-05-05"]


def test_an_asked_order_decides_and_what_does_not_fit_is_quarantined(read: Read) -> None:
    body = "a,01-02-2025,\nb,13-02-2025,\nc,02-13-2025,\nd,2025-02-03,\n"
    intake = read(HEADER + body, date_order="mdy")
    assert intake.quarantine[["line", "value", "reason"]].values.tolist() == [[3, "13-02-2025", "not_a_date"]]
    assert [str(day) for day in intake.rows["cart_abandoned_date"].dt.date] == [
        "2025-01-02",
        "2025-02-13",
        "2025-02-03",
    ]


def test_the_order_year_first_rejects_the_others(read: Read) -> None:
    intake = read(HEADER + "a,2025-09-13,\nb,01-09-2025,\n", date_order="ymd")
    assert intake.quarantine["value"].tolist() == ["01-09-2025"]


def test_each_file_has_its_own_order(read: Read) -> None:
    first = read(HEADER + "a,13-09-2025,\n").sources[0]
    second = read(HEADER + "a,09-13-2025,\n").sources[0]
    assert (first.date_order, second.date_order) == ("dmy", "mdy")


def test_naive_times_are_local_and_instants_are_converted(read: Read) -> None:
    intake = read(HEADER + "a,2025-09-01,\nb,2025-08-31T22:00:00Z,\n", timezone="Europe/Berlin")
    times = intake.rows["cart_abandoned_date"]
    assert str(times.dtype) == "datetime64[us, Europe/Berlin]"
    assert times.astype(str).tolist() == ["2025-09-01 00:00:00+02:00"] * 2


def test_times_that_do_not_exist_or_exist_twice_are_settled_and_counted(read: Read) -> None:
    body = "a,2025-03-30 02:30:00,\nb,2025-10-26 02:30:00,\nc,2025-06-01 12:00:00,\n"
    intake = read(HEADER + body, timezone="Europe/Berlin")
    assert intake.rows["cart_abandoned_date"].astype(str).tolist() == [
        "2025-03-30 03:00:00+02:00",
        "2025-10-26 02:30:00+02:00",
        "2025-06-01 12:00:00+02:00",
    ]
    assert [warning.split(" in ")[0] for warning in intake.warnings] == [
        "1 time does not exist",
        "1 time exists twice",
    ]


def test_a_missing_last_order_stays_missing(read: Read) -> None:
    intake = read(HEADER + "a,2025-09-01,\nb,2025-09-01,NaT\n", timezone="America/New_York")
    assert intake.rows["last_order_date"].isna().tolist() == [True, True]
    assert str(intake.rows["last_order_date"].dtype) == "datetime64[us, America/New_York]"


HEADER = "user_id,cart_abandoned_date,last_order_date\n"


@pytest.mark.parametrize(
    ("dates", "order", "days"),
    [
        (("12/31/22", "12/30/22"), "mdy", ("2022-12-31", "2022-12-30")),
        (("31.12.22", "30.12.22"), "dmy", ("2022-12-31", "2022-12-30")),
        (("22/12/31", "22/12/03"), "ymd", ("2022-12-31", "2022-12-03")),
        (("9/1/25", "9/13/25 10:30"), "mdy", ("2025-09-01", "2025-09-13")),
        (("31-Dec-22", "1 sept. 25"), "ymd", ("2022-12-31", "2025-09-01")),
    ],
)
def test_a_year_may_have_two_digits(dates: tuple[str, ...], order: str, days: tuple[str, ...], read: Read) -> None:
    intake = read(HEADER + "".join(f"u{place},{text},\n" for place, text in enumerate(dates)))
    assert intake.sources[0].date_order == order
    assert tuple(intake.rows["cart_abandoned_date"].dt.strftime("%Y-%m-%d")) == days
    said = "2 dates have a year of two digits; years 69 to 99 are read as 1969 to 1999"
    assert said in intake.warnings[0]


@pytest.mark.parametrize(("year", "expected"), [("00", 2000), ("68", 2068), ("69", 1969), ("99", 1999)])
def test_years_of_two_digits_turn_at_69(year: str, expected: int) -> None:
    assert wall(f"1 May {year}")[:4] == str(expected)


@pytest.mark.parametrize(("order", "day"), [("dmy", "2022-12-21"), ("ymd", "2021-12-22")])
def test_two_digits_that_may_start_or_end_with_the_year_are_asked_for(order: str, day: str, read: Read) -> None:
    content = HEADER + "a,21/12/22,\n"
    with pytest.raises(SourceError, match="can start or end with the year"):
        read(content)
    assert str(read(content, date_order=order).rows["cart_abandoned_date"][0].date()) == day
