"""Currency signs and codes that stand beside an amount, and the currencies that each can mean.

Codes: ISO 4217. A sign such as `$` means one of several, so several signs agree if one currency is common to all.
"""

from collections.abc import Iterable

_CODES = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF "
    "CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK "
    "HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL "
    "MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON "
    "RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH "
    "UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG"
)

_DOLLARS = (
    "USD CAD AUD NZD HKD SGD TWD MXN ARS CLP COP BBD BMD BND BSD BZD FJD GYD JMD KYD LRD NAD SBD SRD TTD XCD DOP UYU"
)

_SIGNS: dict[str, str] = {
    "$": _DOLLARS,
    "\uff04": _DOLLARS,
    "\ufe69": _DOLLARS,
    "US$": "USD",
    "U$S": "USD",
    "C$": "CAD NIO",
    "CA$": "CAD",
    "CAD$": "CAD",
    "A$": "AUD",
    "AU$": "AUD",
    "NZ$": "NZD",
    "HK$": "HKD",
    "S$": "SGD",
    "NT$": "TWD",
    "MX$": "MXN",
    "R$": "BRL",
    "AR$": "ARS",
    "COL$": "COP",
    "€": "EUR",
    "\u20a0": "EUR",
    "£": "GBP EGP LBP SYP GIP FKP SHP SDG SSP",
    "\uffe1": "GBP",
    "¥": "JPY CNY",
    "\uffe5": "JPY CNY",
    "円": "JPY",
    "元": "CNY TWD HKD",
    "₹": "INR",
    "₨": "INR PKR LKR NPR MUR SCR",
    "Rs": "INR PKR LKR NPR MUR SCR",
    "रु": "INR NPR",
    "৳": "BDT",
    "Tk": "BDT",
    "৲": "BDT",
    "₩": "KRW KPW",
    "\uffe6": "KRW",
    "원": "KRW",
    "₽": "RUB",
    "руб": "RUB BYN",  # noqa: RUF001 - the letters of other scripts are meant
    "р": "RUB BYN",  # noqa: RUF001 - the letters of other scripts are meant
    "₺": "TRY",
    "TL": "TRY",
    "₴": "UAH",
    "грн": "UAH",
    "₦": "NGN",
    "₱": "PHP",
    "₫": "VND",
    "đ": "VND",
    "₪": "ILS",
    "ש״ח": "ILS",
    "₡": "CRC SVC",
    "₲": "PYG",
    "₵": "GHS",
    "GH₵": "GHS",
    "₸": "KZT",
    "₮": "MNT",
    "₭": "LAK",
    "₼": "AZN",
    "₾": "GEL",
    "֏": "AMD",
    "฿": "THB",
    "บาท": "THB",
    "៛": "KHR",
    "؋": "AFN",
    "﷼": "IRR OMR QAR SAR YER",
    "د.إ": "AED",
    "ر.س": "SAR",
    "ر.ق": "QAR",
    "ر.ع": "OMR",
    "د.ك": "KWD",
    "د.ب": "BHD",
    "د.ا": "JOD",  # noqa: RUF001 - the letters of other scripts are meant
    "ج.م": "EGP",
    "د.م": "MAD",
    "د.ت": "TND",
    "د.ج": "DZD",
    "ع.د": "IQD",
    "kr": "SEK NOK DKK ISK",
    "Kr": "SEK NOK DKK ISK",
    "zł": "PLN",
    "Kč": "CZK",
    "Ft": "HUF",
    "lei": "RON MDL",
    "Lei": "RON MDL",
    "лв": "BGN",
    "дин": "RSD",
    "din": "RSD",
    "kn": "HRK",
    "Fr": "CHF XAF XOF XPF",
    "SFr": "CHF",
    "R": "ZAR",
    "RM": "MYR",
    "Rp": "IDR",
    "S/": "PEN",
    "Bs": "BOB VES",
    "KSh": "KES",
    "TSh": "TZS",
    "USh": "UGX",
    "Br": "ETB BYN",
    "Kz": "AOA",
    "RMB": "CNY",
}

THREE_DECIMALS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
"""Currencies whose amounts have three decimals, so that `1.234` can be an amount of them."""

_SHORT = "Rs. kr. Kr. Fr. SFr. Tk. Bs. S/. din. дин. руб. р. лв. грн."  # noqa: RUF001 - Cyrillic is meant

ABBREVIATIONS = frozenset(_SHORT.split())
"""Signs whose point belongs to them, so that `Rs.500` is not a half."""

_MEANINGS: dict[str, frozenset[str]] = {sign: frozenset(codes.split()) for sign, codes in _SIGNS.items()} | {
    code: frozenset({code}) for code in _CODES.split()
}


def currencies_of(sign: str) -> frozenset[str]:
    """Return the codes of the currencies that a sign or a code can mean; none if it is not known.

    >>> sorted(currencies_of("Rs.")), sorted(currencies_of("eur")), currencies_of("pieces")
    (['INR', 'LKR', 'MUR', 'NPR', 'PKR', 'SCR'], ['EUR'], frozenset())
    """
    bare = sign.strip()
    known = _MEANINGS.get(bare) or _MEANINGS.get(bare.removesuffix(".")) or _MEANINGS.get(bare.upper())
    return known or frozenset()


def common_currencies(signs: Iterable[str]) -> frozenset[str]:
    """Return the currencies that all of some signs and codes can mean.

    >>> sorted(common_currencies(["$", "CA$"])), common_currencies(["$", "€"])
    (['CAD'], frozenset())
    """
    meanings = [currencies_of(sign) for sign in signs]
    return frozenset.intersection(*meanings) if meanings else frozenset()
