"""Write the words of dates and money that the reader knows: `python -m tools.word_tables`.

Names of months, weekdays and halves of the day are those of CLDR (by babel), codes of currencies and countries those of
ISO 4217 and 3166 (by pycountry), signs of currencies those of CLDR in any language. What people write and CLDR does not
list is added here.
babel has no words for yes and no, so they stand here by language, and go to a file of their own beside consent.
"""

import json
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pycountry
from babel import Locale
from babel.localedata import locale_identifiers
from babel.numbers import get_currency_precision
from phonenumbers import SUPPORTED_REGIONS

ROOT = Path(__file__).parents[1]
OUT = ROOT / "data_ingestion" / "cells" / "word_tables.json"
FLAGS_OUT = ROOT / "retention" / "customers" / "flag_words.json"
COUNTRIES_OUT = ROOT / "retention" / "customers" / "country_codes.json"

LANGUAGES = (
    # The ten of the largest markets of e-commerce, with their spellings in other countries.
    *("en", "en_GB", "zh", "zh_Hant", "ja", "ko", "de", "de_AT", "fr", "fr_CA", "es", "es_MX"),
    *("pt", "pt_PT", "ru", "it"),
    # And some more.
    *("nl", "pl", "tr", "sv"),
)
MORE_LANGUAGES = ("da", "nb", "fi", "cs", "sk", "hu", "ro", "uk", "bg", "el", "id", "vi", "th", "ar", "he")
"""Some more, whose short weekdays mean other days than those above."""
MORE_MONTHS = {
    "sept": 9,
    "mrz": 3,
    "maerz": 3,
    "jän": 1,
    "jan": 1,
    "feb": 2,
    "fev": 2,
    "abr": 4,
    "gen": 1,
    "фев": 2,
    "мая": 5,
    "сен": 9,
    "ноя": 11,
}
MORE_DAYS = {"tues": 1, "weds": 2, "thur": 3, "thurs": 3, "星期天": 6, "周天": 6}
LEFT = "ANG BGN HRK"
"""Currencies that ended of late, and stand in orders of the years before."""
NO_MONEY = ("XAD", "XAG", "XAU", "XBA", "XBB", "XBC", "XBD", "XDR", "XPD", "XPT", "XSU", "XTS", "XUA", "XXX")
DOLLARS = (
    "USD CAD AUD NZD HKD SGD TWD MXN ARS CLP COP BBD BMD BND BSD BZD FJD GYD JMD KYD LRD NAD SBD SRD TTD XCD DOP UYU"
)
MORE_SIGNS = {
    **dict.fromkeys(("$", "\uff04", "\ufe69"), DOLLARS),
    **dict.fromkeys(("₨", "Rs"), "INR PKR LKR NPR MUR SCR"),
    **dict.fromkeys(("kr", "Kr"), "SEK NOK DKK ISK"),
    **dict.fromkeys(("руб", "р"), "RUB BYN"),  # noqa: RUF001 - the letters of other scripts are meant
    **dict.fromkeys(("lei", "Lei"), "RON MDL"),
    "£": "GBP EGP LBP SYP GIP FKP SHP SDG SSP",
    "元": "CNY TWD HKD",
    "रु": "INR NPR",
    "₩": "KRW KPW",
    "₡": "CRC SVC",
    "﷼": "IRR OMR QAR SAR YER",
    "Fr": "CHF XAF XOF XPF",
    "Bs": "BOB VES",
}
MORE_SIGNS_OF_ONE = (
    "USD U$S, CAD CAD$, ARS AR$, COP COL$, EUR \u20a0, GBP \uffe1, JPY 円, BDT Tk ৲, KRW \uffe6 원, "
    "TRY TL, UAH грн, VND đ, ILS ש״ח, GHS ₵, THB บาท, BGN лв, RSD дин din, CHF SFr, KES KSh, CNY RMB 人民币, "
    "AED د.إ, SAR ر.س, QAR ر.ق, OMR ر.ع, KWD د.ك, BHD د.ب, JOD د.ا, EGP ج.م, MAD د.م, TND د.ت, "  # noqa: RUF001
    "DZD د.ج, IQD ع.د, PLN zl, ZAR R"
)
POINTED = "Rs. kr. Kr. Fr. SFr. Tk. Bs. S/. din. дин. руб. р. лв. грн."  # noqa: RUF001 - Cyrillic is meant
"""Signs whose point belongs to them, so that `Rs.500` is not a half."""

FLAGS: dict[str, tuple[str, str]] = {
    "en": ("yes y true t 1 on enabled", "no n false f 0 off disabled"),
    "zh": (
        "是 是的 对 真 有 同意 接受 接收 已订阅 已訂閱 訂閱 订阅",
        "否 不是 不 假 无 無 不同意 不接受 不接收 拒绝 拒絕 未订阅 未訂閱",
    ),
    "ja": (
        "はい 有り あり 同意する 同意します 希望する 希望します 受け取る 受信する 許可 可 購読中",
        "いいえ 偽 無し なし 同意しない 希望しない 受け取らない 受信しない 拒否 不許可 不可 不要 未購読",
    ),
    "ko": ("예 네 참 동의 동의함 수신 수신동의", "아니요 아니오 거짓 비동의 미동의 동의안함 수신안함 수신거부 거부"),
    "de": ("ja j wahr ein an", "nein falsch aus"),
    "fr": ("oui o vrai activé", "non faux désactivé"),
    "es": ("sí s verdadero cierto activado", "no falso desactivado"),
    "pt": ("sim verdadeiro ativado", "não falso desativado"),
    "ru": ("да д истина вкл включено согласен подписан", "нет н ложь выкл выключено несогласен неподписан отписан"),
    "it": ("sì vero attivato", "no falso disattivato"),
    "nl": ("ja waar aan", "nee onwaar uit"),
    "pl": ("tak prawda", "nie fałsz"),
    "tr": ("evet doğru acik", "hayir yanliş kapali"),
    "sv": ("ja sant på", "nej falskt av"),
    "da": ("ja sand", "nej falsk"),
    "nb": ("ja sann", "nei usann"),
    "fi": ("kyllä tosi", "ei epätosi"),
    "cs": ("ano pravda", "ne nepravda"),
    "sk": ("áno", "nie"),
    "hu": ("igen igaz", "nem hamis"),
    "ro": ("da adevărat", "nu fals"),
    "uk": ("так істина", "ні хибність"),
    "bg": ("да", "не невярно"),
    "el": ("ναι αληθές", "όχι ψευδές"),  # noqa: RUF001
    "vi": ("có", "không"),
    "id": ("ya benar", "tidak salah"),
    "he": ("כן", "לא"),
    "ar": ("نعم موافق مشترك", "لا غيرموافق غيرمشترك"),
    "th": ("ใช่ ยินยอม", "ไม่ ไม่ใช่ ไม่ยินยอม"),
}
"""Language -> words for yes, and for no: answers, truth in spreadsheets, switches, what forms of shops say.

Case, accents, blanks and hyphens do not matter.
"""


def tables() -> dict[str, object]:
    """Return all tables, each by its name."""
    days, more = _words(_names("days", LANGUAGES), MORE_DAYS), _words(_names("days", MORE_LANGUAGES), {})
    codes = sorted({each.alpha_3 for each in pycountry.currencies} - set(NO_MONEY) | set(LEFT.split()))
    return {
        "months": _words(_names("months", (*LANGUAGES, *MORE_LANGUAGES)), MORE_MONTHS),
        # A word for two days is passed over in a date, and says nothing of it.
        "weekdays": dict(
            sorted((more | days | dict.fromkeys((w for w in days if more.get(w, days[w]) != days[w]), -1)).items())
        ),
        "halves": {half: _halves(half) for half in ("am", "pm")},
        "currencies": " ".join(codes),
        "three_decimals": " ".join(code for code in (*codes, "IQD") if _decimals(code) == 3),
        "signs": _signs(frozenset(codes)),
        "pointed_signs": POINTED,
    }


def _names(what: str, languages: Iterable[str]) -> Iterator[tuple[str, int]]:
    for language in languages:
        for forms in getattr(Locale.parse(language), what).values():
            for width in ("wide", "abbreviated"):
                yield from ((name, number) for number, name in forms[width].items())


def _words(names: Iterable[tuple[str, int]], more: Mapping[str, int]) -> dict[str, int]:
    """Return word -> number, in lower case, with and without accents; words that mean two numbers are left out."""
    meanings = defaultdict[str, set[int]](set)
    for name, number in (*names, *more.items()):
        plain = name.lower().rstrip(".").replace("\u0307", "")
        # A number with a sign after it is no name.
        if not any(letter.isdigit() for letter in plain):
            for word in {plain, _bare(plain)}:
                meanings[word].add(number)
    return {word: min(numbers) for word, numbers in sorted(meanings.items()) if len(numbers) == 1}


def _bare(text: str) -> str:
    if not any("LATIN" in unicodedata.name(letter, "") for letter in text):
        return text
    return "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))


def _halves(half: str) -> list[str]:
    """Return what stands for the first or the second half of the day."""
    periods = (Locale.parse(each).day_periods["format"] for each in LANGUAGES)
    widths = (forms[width] for forms in periods for width in ("wide", "abbreviated") if width in forms)
    return sorted({"".join(words[half].lower().split()) for words in widths if half in words})


def _decimals(code: str) -> int:
    # CLDR rounds dinars of Iraq to whole ones; ISO 4217 has three decimals.
    return 3 if code == "IQD" else get_currency_precision(code)


def _signs(codes: frozenset[str]) -> dict[str, str]:
    """Return sign -> codes that it can mean."""
    found = defaultdict[str, set[str]](set)
    for name in locale_identifiers():
        for code, sign in Locale.parse(name).currency_symbols.items():
            plain = "".join(each for each in sign.replace("\xa0", " ") if unicodedata.category(each) != "Cf").strip(
                " ."
            )
            # One letter may stand for thousands, millions or a size as well.
            if code in codes and plain not in codes and not (len(plain) < 2 and plain.isalpha()):
                found[plain].add(code)
    for sign, meant in MORE_SIGNS.items():
        found[sign] |= set(meant.split())
    for code, *signs in map(str.split, MORE_SIGNS_OF_ONE.split(",")):
        for sign in signs:
            found[sign].add(code)
    return {sign: " ".join(sorted(meant)) for sign, meant in sorted(found.items()) if sign}


def _countries() -> dict[str, str]:
    """Return code of three letters -> of two, of the countries that have phone numbers."""
    codes = {each.alpha_3: each.alpha_2 for each in pycountry.countries if each.alpha_2 in SUPPORTED_REGIONS}
    return dict(sorted(codes.items()))


def written() -> dict[Path, bytes]:
    """Return the files' bytes."""
    content: dict[Path, object] = {OUT: tables(), FLAGS_OUT: FLAGS, COUNTRIES_OUT: _countries()}
    return {path: (json.dumps(each, ensure_ascii=False, indent=1) + "\n").encode() for path, each in content.items()}


if __name__ == "__main__":
    for path, content in written().items():
        path.write_bytes(content)
        print(f"{path.name}: {len(content):,} bytes")
