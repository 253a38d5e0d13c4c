"""Lists of people from files: everything is read, or the file is refused."""

import os
from pathlib import Path

import pyarrow as pa
import pytest

from audience_export import read_coupons, read_people
from audience_export.consent import listed
from audience_export.people import People
from data_ingestion import ReadOptions
from retention.errors import ContractError, InputError, SourceError


def file(folder: Path, content: str | bytes) -> Path:
    path = folder / "list.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    "content",
    [
        "user_id,email\n00123,A@x.org\n=1, b@x.org \n",
        "\ufeffCustomer ID;E-Mail\n00123;a@x.org\n=1;b@x.org\n",
        'external_id\tEmail Address\r\n"00123"\ta@x.org\r\n=1\tB@X.ORG\r\n',
        "sep=;\nuser_id;email\n00123;a@x.org\n=1;b@x.org\n",
        "other|user_id|EMAIL\nx|00123|a@x.org\n\ny|=1|b@x.org",
    ],
)
def test_identifiers_keep_their_bytes_and_addresses_are_folded(content: str, tmp_path: Path) -> None:
    people = read_people(file(tmp_path, content))
    assert people.user_id.to_pylist() == ["00123", "=1"]
    assert people.email.to_pylist() == ["a@x.org", "b@x.org"]
    assert people.day is None


@pytest.mark.parametrize("again", ["user_id,email,date\n", '"user_id", email ,date\n'])
def test_a_header_in_the_middle_is_counted_and_is_nobody(again: str, tmp_path: Path) -> None:
    people = read_people(file(tmp_path, f"user_id,email,date\nu1,,2025-09-30\n{again}{again}u2,b@x.org,2025-09-30\n"))
    assert people.user_id.to_pylist() == ["u1", "u2"]
    assert people.notices == ("list.csv: rows that are the header again were left out: 2",)


def test_days_are_those_of_the_shop(tmp_path: Path) -> None:
    rows = [
        "2025-09-30",
        "2025-09-30 23:30:00 +0000",
        "2025-09-30T23:30:00Z",
        "2025-09-30 23:30:00 UTC",
        "2025-10-01 00:30:00+02:00",
        "2025-09-30 23:30:00",
        " ",
    ]
    people = read_people(
        file(tmp_path, "email,Created at\n" + "".join(f"a@x.org,{row}\n" for row in rows)),
        ReadOptions(timezone="Europe/Berlin"),
    )
    assert people.day is not None
    expected = ["2025-09-30", "2025-10-01", "2025-10-01", "2025-10-01", "2025-10-01", "2025-09-30", "NaT"]
    assert [str(day) for day in people.day] == expected


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("name\nAnn\n", "no column user_id, email or phone"),
        ("user_id,email\nu1,a@x.org\n,\n", "row 2 after the header: the row has no user_id"),
        ("email\nsecret-person\n", "row 1 after the header: the row has no user_id"),
        (
            "email,date\na@x.org,30.09.2025\n",
            "row 1 after the header: the row has a day that is not written as YYYY-MM-DD",
        ),
        ("email,date\na@x.org,2025-02-30\n", "the row has a day that does not exist"),
        ("email,date\na@x.org\n", "line 2: a row cannot be read. The row has fewer fields"),
        ("email\na@x.org,secret-person\n", "line 2: a row cannot be read. The row has more fields"),
        ("", "the file is empty"),
        (b"email\nsecret-person \xff\xfe\n", "not UTF-8, and may be"),
        ("email\n".encode("utf-16")[:-1], "cut off|not UTF-16"),
        (b"email\n\xe9@x.org\n", "not UTF-8, and may be"),
    ],
)
def test_what_cannot_be_read_whole_is_refused_without_telling_values(
    content: str | bytes, message: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read_people(file(tmp_path, content))
    assert "list.csv" in str(caught.value)
    assert "secret" not in str(caught.value)
    assert "x.org" not in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"gone\.csv: the file cannot be opened"):
        read_people(tmp_path / "gone.csv")


AGREED = [
    ("Accepts Email Marketing\nyes\nno\n\nTRUE\nno\n", "14"),
    ("Email Marketing Consent\nUNSUBSCRIBED\nSUBSCRIBED\nNEVER_SUBSCRIBED\n\nsubscribed\n", "25"),
    ("Email Marketing: Status\nsubscribed\nnot_subscribed\npending\nredacted\ninvalid\n", "1"),
    ("Email status\nSubscribed\nNon-subscribed\nUnsubscribed\n\nsubscribed\n", "15"),
    ("Email opt-in date\n2025-01-01\n\n2025-02-01T10:00Z\n\n\n", "13"),
    ("UNSUB_TIME\n2025-01-01 10:00:00\n\n\n2025-01-02 10:00:00\n\n", "235"),
    ("Unsubscribed from all email\nYes\n\nNo\ntrue\nfalse\n", "235"),
    ("Opted out of email: Newsletter\nfalse\ntrue\n0\n1\nunsubscribed\n", "13"),
    ("Marketing contact status\nMarketing contact\nNon-marketing contact\n\nMarketing contact\n\n", "14"),
    ("Accepts SMS Marketing\nno\nno\nno\nno\nno\n", "12345"),
    ("OPTIN_IP\n::1\n\n\n\n\n", "12345"),
    ("Status\ngold\nsilver\ngold\nno\nyes\n", "12345"),
    ("Newsletter\nja\nnein\nJA\nsí\nnão\n", "134"),
    ("CONFIRM_TIME\n2024-01-01\n0000-00-00 00:00:00\n0001-01-01T00:00:00Z\n01/01/1970\nnever\n", "1"),
    ("Unsubscribed at\n0000-00-00 00:00:00\n2024-01-01\n\nnever\n1970-01-01 00:00:00\n", "1345"),
    ("Opt-out\nconfirmed\naccepted\nno\nyes\nopt_in\n", "35"),
    ("Do not allow Emails\nAllow\nDo Not Allow\nAllow\nyes\n0\n", "135"),
    ("İzin durumu\nONAY\nRET\nonay\nizinsiz\nizinli\n", "135"),
    ("Status\nActive\nUnsubscribed\nheld\njunk\ninactive\n", "1"),
    ("メルマガ\n可\n不可\n受け取る\n受け取らない\n不要\n", "13"),
    ("الموافقة\nموافق\nغير موافق\nنعم\nلا\nغير مشترك\n", "13"),  # noqa: RUF001
]


def _with_ids(column: str) -> str:
    header, *cells = column.removesuffix("\n").split("\n")
    return f"user_id,{header}\n" + "".join(f"{place},{cell}\n" for place, cell in enumerate(cells, start=1))


@pytest.mark.parametrize(("column", "taken"), AGREED)
def test_of_a_list_of_those_who_agreed_rows_are_taken_that_say_so(column: str, taken: str, tmp_path: Path) -> None:
    people = read_people(file(tmp_path, _with_ids(column))).agreed()
    assert people.user_id.to_pylist() == list(taken)


def test_one_no_holds_against_every_yes(tmp_path: Path) -> None:
    content = "email,OPTIN_TIME,CONFIRM_TIME,UNSUB_TIME\na@x.org,2024-01-01,2024-01-01,2025-01-01\nb@x.org,,2024-01-01,"
    assert read_people(file(tmp_path, content)).agreed().email.to_pylist() == ["b@x.org"]


@pytest.mark.parametrize("header", ["Email Marketing Consent", "Werbeeinwilligung", "opted_in"])
def test_a_word_about_consent_that_is_not_known_stops_the_list(header: str, tmp_path: Path) -> None:
    content = file(tmp_path, f"email,{header}\na@x.org,yes\nb@x.org,perhaps\n")
    with pytest.raises(SourceError, match=f"row 2 after the header: the column '{header}' looks like consent"):
        read_people(content).agreed()


@pytest.mark.parametrize(
    "column",
    [
        "Accepts Email Marketing\nno\nno\n\n",
        "Email Marketing Consent\nUNSUBSCRIBED\nNEVER_SUBSCRIBED\nperhaps\n",
        "Unsubscribed from all email\ntrue\n\nYes\n",
        "CLEAN_TIME\n2025-01-01\n2025-01-01\n2025-01-01\n",
        "Accepts SMS Marketing\nyes\nyes\nyes\n",
        "OPTIN_TIME,UNSUB_TIME\n2024-01-01,2025-01-01\n2024-01-01,2025-01-01\n,2025-01-01\n",
        "Bounced\nno\nfalse\nyes\n",
        "Do not send emails\nyes\nyes\nyes\n",
        "Opt-out\nconfirmed\naccepted\nyes\n",
    ],
)
def test_everybody_is_on_a_list_of_those_who_must_not_be_contacted(column: str, tmp_path: Path) -> None:
    assert len(read_people(file(tmp_path, _with_ids(column))).refused().user_id) == 3


@pytest.mark.parametrize(
    "column",
    ["Accepts Email Marketing\nno\nyes\n", "consent\nSUBSCRIBED\nno\n", "Unsubscribed from all email\nfalse\ntrue\n"],
)
def test_a_list_that_says_the_opposite_of_what_it_is_asks(column: str, tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="says of 1 of 2 that they agreed"):
        read_people(file(tmp_path, _with_ids(column))).refused()


@pytest.mark.parametrize("header", ["E-Mail-Adresse", "Courriel", "Recipient", "メールアドレス"])
def test_addresses_count_whatever_their_column_is_called(header: str, tmp_path: Path) -> None:
    people = read_people(file(tmp_path, f"customer_id,{header}\n77,a@x.org\n,b@x.org\n"))
    assert people.email.to_pylist() == ["a@x.org", "b@x.org"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("77,a@x.org\n78,b@x.org\n", "the first line holds an address and no names of columns"),
        ("a@x.org\nb@x.org\n", "the first line holds an address and no names of columns"),
        (
            "id_of,from,to\n7,shop@x.org,a@x.org\n",
            "several columns hold addresses, 'from', 'to', none called email",
        ),
        ("user_id,email\n7,@x.org\n", "hashed or means a whole domain"),
        ("email\na@x.org\n*@x.org\n", "row 2 after the header: the address is hashed or means a whole domain"),
        (f"user_id,email\n7,{'0cA' * 21}f\n", "hashed or means a whole domain"),
    ],
)
def test_addresses_that_name_nobody_here_stop_the_list(content: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read_people(file(tmp_path, content))
    assert "x.org" not in str(caught.value)


def test_who_was_contacted_or_bought_is_on_the_list_whether_they_agreed_or_not(tmp_path: Path) -> None:
    assert len(read_people(file(tmp_path, "email,Accepts Marketing\na@x.org,no\nb@x.org,yes\n")).email) == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("voucher\nA\n", "has no column code"),
        ("code\nA\nB\n A\n", "the list has a code twice"),
        ("code,segment\nA,VIP\n,VIP\n", "a row without a code"),
        ("code,segment\nA,VIP\nB,\n", "a row without a code or without its segment"),
    ],
)
def test_codes_that_cannot_be_one_a_customer_are_refused(content: str, message: str, tmp_path: Path) -> None:
    with pytest.raises((ContractError, SourceError), match=message):
        read_coupons(file(tmp_path, content))


@pytest.mark.parametrize(
    "written",
    [
        "Ann <a@x.org>",
        "<A@X.org>;",
        "mailto:a@x.org",
        "mailto:a@x.org?subject=Unsubscribe",
        "<MAILTO:a@x.org?subject=Unsubscribe>",
        "'a@x.org",
        "a\u200b@x.org",
        '"""Ann, B"" <a@x.org>"',
        " a@x.org\u00a0",
    ],
)
def test_an_address_is_the_same_whatever_a_program_writes_around_it(written: str, tmp_path: Path) -> None:
    assert read_people(file(tmp_path, f"email\n{written}\n")).email.to_pylist() == ["a@x.org"]


@pytest.mark.parametrize(
    "column",
    [
        *("Toestemming", "Nieuwsbrief", "Consenso marketing", "Acepta publicidad", "Aceita marketing", "Samtycke"),
        *("Согласие на рассылку", "メルマガ", "メール配信", "수신 동의", "订阅", "E-posta izni", "Zgoda marketingowa"),
        *("Receives marketing emails", "GDPR", "DSGVO Einwilligung", "Werbung erlaubt", "Infolettre", "emailMarketing"),
        *(
            "Newsletter subscription",
            "メールマガジン",
            "이메일 수신여부",
            "뉴스레터",
            "接受营销邮件",
            "الموافقة على التسويق",
        ),
        *("Acepta recibir novedades", "Aceita receber e-mails", "Souhlas s newsletterem", "Hírlevél", "Uutiskirje"),
        *("subscriber_status", "Ticari ileti onayı", "Συγκατάθεση", "can_email", "No. of the newsletter: agreed"),  # noqa: RUF001
    ],
)
def test_consent_is_known_by_its_header_in_many_languages_and_a_word_that_is_not_asks(
    column: str, tmp_path: Path
) -> None:
    assert read_people(file(tmp_path, f"email,{column}\na@x.org,yes\nb@x.org,no\n")).agreed().email.to_pylist() == [
        "a@x.org"
    ]
    with pytest.raises(SourceError, match="looks like consent, and its word is not known"):
        read_people(file(tmp_path, f"email,{column}\na@x.org,yes\nb@x.org,blue\n")).agreed()


@pytest.mark.parametrize(
    "column",
    [
        *("Uitgeschreven", "Désinscrit", "Dado de baja", "Descadastrado", "Wypisany", "Отписан", "Отказ от рассылки"),
        *("配信停止", "退订", "수신거부", "Opted out of email: Marketing Information", "do_not_mail", "Avregistrerad"),
        # A header that denies is no agreement, whatever it denies.
        *("Do not allow Bulk Emails", "Don't send emails", "Kein Newsletter", "Newsletter abbestellt", "Keine Werbung"),
        *("Newsletter nicht gewünscht", "E-Mail-Werbung untersagt", "Does not accept marketing", "No newsletter"),
        *("IsExcludedFromCampaigns", "donotemail", "Refus newsletter", "Ne pas contacter", "Nicht kontaktieren"),
        *("Не отправлять рассылку", "Rezygnacja z newslettera", "Odhlášen", "Leiratkozott", "Afmeldt", "Ej reklam"),  # noqa: RUF001
        *("メルマガ不要", "Werbesperre", "DNC", "Bounced", "Hard bounced", "Spam complaint", "Suppressed"),
    ],
)
def test_a_refusal_is_known_by_its_header_in_many_languages(column: str, tmp_path: Path) -> None:
    people = read_people(file(tmp_path, f"email,{column}\na@x.org,no\nb@x.org,yes\nc@x.org,\u2705\nd@x.org,\u2610\n"))
    assert people.agreed().email.to_pylist() == ["a@x.org", "d@x.org"]


@pytest.mark.parametrize("ids", [("1.23457E+11", "7"), ("4,5E+09", "7"), ("9.87E+12", "u1")])
def test_an_id_that_a_spreadsheet_rounded_names_nobody_and_is_refused_alone(
    ids: tuple[str, str], tmp_path: Path
) -> None:
    rows = [f'"{each}"' for each in ids]
    with pytest.raises(SourceError, match="row 1 after the header: a spreadsheet rounded the identifier"):
        read_people(file(tmp_path, "user_id,email\n" + "".join(f"{each},\n" for each in rows)))
    people = read_people(file(tmp_path, "user_id,email\n" + "".join(f"{each},a@x.org\n" for each in rows)))
    assert (people.user_id[0].as_py(), people.email[0].as_py()) == (None, "a@x.org")


def test_an_id_with_the_mark_of_a_spreadsheet_names_the_customer_with_and_without_it(tmp_path: Path) -> None:
    named = read_people(file(tmp_path, "Customer ID,Email\n'7001,\n'7002,\n"))
    nothing = pa.nulls(3, pa.large_string())
    people = People(pa.array(["7001", "'7002", "7003"], pa.large_string()), *[nothing] * 11)
    assert listed(people, named).tolist() == [True, True, False]


def test_of_columns_that_say_the_same_a_later_one_counts_where_the_first_is_blank(tmp_path: Path) -> None:
    people = read_people(file(tmp_path, "Email,Customer Email\n,b@x.org\na@x.org,\n"))
    assert people.email.to_pylist() == ["b@x.org", "a@x.org"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
def test_what_is_no_file_is_refused_and_not_read_forever(kind: str, tmp_path: Path) -> None:
    paths = {"pipe": tmp_path / "pipe", "device": Path("/dev/zero"), "folder": tmp_path}
    if kind == "pipe":
        os.mkfifo(paths[kind])
    for read in (read_people, read_coupons):
        with pytest.raises(SourceError, match=r"is a (pipe or a device|folder), not a file"):
            read(paths[kind])
