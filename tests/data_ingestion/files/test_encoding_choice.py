"""Text that is not UTF-8 is read where all encodings that fit agree about it, and asked for where they do not."""

from pathlib import Path

import pytest

from data_ingestion import ColumnMapping, ReadOptions, read_customers
from data_ingestion.options import ENCODINGS
from retention.errors import OptionError, Setting, SourceError
from tests.data_ingestion.conftest import Read

HEADER = "user_id,cart_abandoned_date,first_name,email,note\n"


def table(*names: str, note: str = "") -> str:
    rows = (f"u{n},2025-09-0{n + 1},{name},u{n}@example.com,{note}\n" for n, name in enumerate(names))
    return HEADER + "".join(rows)


NAMES = {
    "shift_jis": ("山田 表子", "高橋 太郎", "斎藤 ソフィア"),
    "gbk": ("王小明", "李娜", "张伟"),
    "big5": ("陳怡君", "林志明", "黃淑芬"),
    "cp949": ("김민준", "이서연", "박도윤"),
    "cp1250": ("Łukasz Żółć", "Dvořák", "Šimůnek"),
    "cp1251": ("Иванов Сергей", "Щербакова", "Ольга"),
    "cp1252": ("Hélène", "José Núñez", "Françoise"),
    "cp1254": ("Ağaoğlu", "Şahin", "Işık"),  # noqa: RUF001 - the letter of Turkish
    "iso8859-2": ("Łukasz Żółć", "Dvořák", "Šimůnek"),
    "iso8859-15": ("Hélène", "Dašek", "Œuvrard"),
    "mac-roman": ("Hélène", "José Núñez", "Jürgen"),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_names_come_out_as_written_in_the_encoding_that_is_said(encoding: str, read: Read) -> None:
    intake = read(table(*NAMES[encoding]).encode(encoding), encoding=encoding)
    assert tuple(intake.rows["first_name"]) == NAMES[encoding]
    assert intake.sources[0].encoding == encoding
    assert not any("UTF-8" in warning for warning in intake.warnings)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_names_are_never_garbled_in_silence(encoding: str, read: Read) -> None:
    asked: SourceError | None = None
    try:
        intake = read(table(*NAMES[encoding]).encode(encoding))
    except SourceError as error:
        asked = error
    if asked is None:
        assert tuple(intake.rows["first_name"]) == NAMES[encoding]
    else:
        assert [remedy.setting for remedy in asked.remedies] == [Setting.ENCODING]
        assert any(name in asked.what for name in NAMES[encoding])


@pytest.mark.parametrize(
    ("encoding", "name", "others"),
    [
        ("shift_jis", "山田 表子", "Chinese (GBK)"),
        ("cp1251", "Иванов", "Chinese (GBK): 肉囗钼"),
        ("cp1252", "Hélène", "Central European (Windows-1250): Hélčne"),
        ("cp1254", "Ağaoğlu", "Western (Windows-1252): Aðaoðlu"),
    ],
)
def test_the_question_shows_names_in_each_encoding(encoding: str, name: str, others: str, read: Read) -> None:
    with pytest.raises(SourceError, match="the text is not UTF-8, and may be") as caught:
        read(table(name).encode(encoding))
    assert f"{ENCODINGS[encoding]}: {name}" in caught.value.what
    assert others in caught.value.what
    assert encoding in caught.value.remedies[0].values


@pytest.mark.parametrize("name", ["Müller", "Zoë", "Größe", "André", "Strauß, Jörg"])
def test_names_that_all_encodings_spell_alike_are_read(name: str, read: Read) -> None:
    intake = read(table(f'"{name}"', "Jürgen").encode("cp1252"))
    assert intake.rows["first_name"][0] == name
    assert "Western (Windows-1252), and every encoding that fits gives the same text" in intake.warnings[0]


def test_a_hard_space_in_an_amount_tells_the_encoding(read: Read) -> None:
    rows = (f"u{n};2025-09-0{n};10{n}\u00a0008,08 EUR\n" for n in range(1, 9))
    intake = read("".join(("user_id;cart_abandoned_date;avg_order_value\n", *rows)).encode("cp1252"))
    assert intake.rows["avg_order_value"].tolist() == [100_008.08 + 1_000 * n for n in range(1, 9)]


@pytest.mark.parametrize("encoding", ["shift_jis", "cp1251", "cp1252", "cp949"])
def test_what_is_not_read_leaves_nothing_to_ask(encoding: str, read: Read) -> None:
    intake = read(table("Ann", note=NAMES[encoding][0]).encode(encoding))
    assert intake.rows["first_name"].tolist() == ["Ann"]
    assert "is not UTF-8" in intake.warnings[0]


@pytest.mark.parametrize(
    ("encoding", "headers"),
    [
        ("shift_jis", ("メールアドレス", "注文日時", "お支払金額")),
        ("gbk", ("邮箱", "下单时间", "实付金额")),
        ("cp949", ("이메일", "주문일시", "결제금액")),
        ("cp1251", ("Почта", "Дата", "Сумма")),
    ],
)
def test_headers_of_a_mapping_tell_the_encoding(encoding: str, headers: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    rows = "t@example.com,2026/05/03 12:34,1000\nh@example.com,2026/05/20 09:00,2500\n"
    path.write_bytes(f"{','.join(headers)}\n{rows}".encode(encoding))
    mapping = ColumnMapping("orders", dict(zip(("email", "time", "total"), headers, strict=True)))
    intake = read_customers([path], options=ReadOptions(mappings=(mapping,)))
    assert intake.sources[0].encoding == encoding
    assert intake.activity is not None
    assert intake.activity.value.sum() == 3500


def test_an_encoding_is_for_files_that_are_not_unicode(tmp_path: Path) -> None:
    paths = [tmp_path / "japanese.csv", tmp_path / "unicode.csv", tmp_path / "wide.csv"]
    for place, (path, encoding) in enumerate(zip(paths, ("shift_jis", "utf-8", "utf-16"), strict=True)):
        path.write_bytes(table("山田").replace("u0,", f"u{place},").encode(encoding))
    intake = read_customers(paths, options=ReadOptions(encoding="shift_jis"))
    assert intake.rows["first_name"].tolist() == ["山田"] * 3
    assert [source.encoding for source in intake.sources] == ["shift_jis", "utf-8", "utf-16-le"]


@pytest.mark.parametrize(("said", "encoding"), [("windows-1251", "cp1251"), ("SJIS", "cp932"), ("koi8-r", "koi8-r")])
def test_an_encoding_may_have_any_of_its_names(said: str, encoding: str, read: Read) -> None:
    name = "Иванов"
    assert read(table(name).encode(encoding), encoding=said).rows["first_name"][0] == name


@pytest.mark.parametrize("name", ["latin-99", "base64", "rot13"])
def test_an_encoding_must_be_one_of_text(name: str) -> None:
    with pytest.raises(OptionError, match=f"the encoding '{name}' is not known"):
        ReadOptions(encoding=name)


def test_a_file_that_shall_be_utf_8_and_is_not_names_the_line(read: Read) -> None:
    with pytest.raises(SourceError, match="line 3 is not UTF-8"):
        read(table("Ann", "Zoë").encode("cp1252"), encoding="utf-8")


def test_a_letter_that_is_utf_8_by_chance_does_not_make_the_file_utf_8(read: Read) -> None:
    # The two bytes of the first name are one letter of UTF-8.
    intake = read(table("脗", "王小明", "张伟").encode("gbk"), encoding="gbk")
    assert intake.rows["first_name"].tolist() == ["脗", "王小明", "张伟"]
