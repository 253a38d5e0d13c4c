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
    **dict.fromkeys(("$", "\uff04", "\ufe69"), _DOLLARS),
    **dict.fromkeys(("¥", "\uffe5"), "JPY CNY"),
    **dict.fromkeys(("₨", "Rs"), "INR PKR LKR NPR MUR SCR"),
    **dict.fromkeys(("kr", "Kr"), "SEK NOK DKK ISK"),
    **dict.fromkeys(("руб", "р"), "RUB BYN"),  # noqa: RUF001 - the letters of other scripts are meant
    **dict.fromkeys(("lei", "Lei"), "RON MDL"),
    "C$": "CAD NIO",
    "£": "GBP EGP LBP SYP GIP FKP SHP SDG SSP",
    "元": "CNY TWD HKD",
    "रु": "INR NPR",
    "₩": "KRW KPW",
    "₡": "CRC SVC",
    "﷼": "IRR OMR QAR SAR YER",
    "Fr": "CHF XAF XOF XPF",
    "Bs": "BOB VES",
    "Br": "ETB BYN",
}
"""Signs that mean one of several currencies."""

_SIGNS_OF_ONE = (
    "USD US$ U$S, CAD CA$ CAD$, AUD A$ AU$, NZD NZ$, HKD HK$, SGD S$, TWD NT$, MXN MX$, BRL R$, ARS AR$, "
    "COP COL$, EUR € \u20a0, GBP \uffe1, JPY 円, INR ₹, BDT ৳ Tk ৲, KRW \uffe6 원, RUB ₽, TRY ₺ TL, UAH ₴ грн, "
    "NGN ₦, PHP ₱, VND ₫ đ, ILS ₪ ש״ח, PYG ₲, GHS ₵ GH₵, KZT ₸, MNT ₮, LAK ₭, AZN ₼, GEL ₾, AMD ֏, THB ฿ บาท, "
    "KHR ៛, AFN ؋, AED د.إ, SAR ر.س, QAR ر.ق, OMR ر.ع, KWD د.ك, BHD د.ب, JOD د.ا, EGP ج.م, MAD د.م, TND د.ت, "  # noqa: RUF001 - Arabic is meant
    "DZD د.ج, IQD ع.د, PLN zł, CZK Kč, HUF Ft, BGN лв, RSD дин din, HRK kn, CHF SFr, ZAR R, MYR RM, IDR Rp, "
    "PEN S/, KES KSh, TZS TSh, UGX USh, AOA Kz, CNY RMB"
)
"""Currencies, each with the signs that mean no other one."""

THREE_DECIMALS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
"""Currencies whose amounts have three decimals, so that `1.234` can be an amount of them."""

_SHORT = "Rs. kr. Kr. Fr. SFr. Tk. Bs. S/. din. дин. руб. р. лв. грн."  # noqa: RUF001 - Cyrillic is meant

ABBREVIATIONS = frozenset(_SHORT.split())
"""Signs whose point belongs to them, so that `Rs.500` is not a half."""

_MEANINGS: dict[str, frozenset[str]] = {
    **{sign: frozenset(codes.split()) for sign, codes in _SIGNS.items()},
    **{sign: frozenset({code}) for code, *signs in map(str.split, _SIGNS_OF_ONE.split(",")) for sign in signs},
    **{code: frozenset({code}) for code in _CODES.split()},
}
_KNOWN = frozenset(_CODES.split())


def currencies_of(sign: str) -> frozenset[str]:
    """Return the codes of the currencies that a sign or a code can mean; none if it is not known.

    >>> sorted(currencies_of("Rs.")), sorted(currencies_of("eur")), currencies_of("pieces")
    (['INR', 'LKR', 'MUR', 'NPR', 'PKR', 'SCR'], ['EUR'], frozenset())
    """
    bare = sign.strip()
    known = _MEANINGS.get(bare) or _MEANINGS.get(bare.removesuffix(".")) or _MEANINGS.get(bare.upper())
    return known or frozenset()


def is_currency(code: str) -> bool:
    """Return whether a text is the code of a currency in use, in letters of either size.

    >>> is_currency("eur"), is_currency("BTC"), is_currency("€")
    (True, False, False)
    """
    return code.upper() in _KNOWN


def common_currencies(signs: Iterable[str]) -> frozenset[str]:
    """Return the currencies that all of some signs and codes can mean.

    >>> sorted(common_currencies(["$", "CA$"])), common_currencies(["$", "€"])
    (['CAD'], frozenset())
    """
    meanings = [currencies_of(sign) for sign in signs]
    return frozenset.intersection(*meanings) if meanings else frozenset()
