"""Numbers, money and dates as people read them; the pages and the report say them alike."""

import math
from datetime import date

SPACE = "\u00a0"
DASH = "\u2013"
SYMBOLS = {"USD": "$", "EUR": "\u20ac", "GBP": "\u00a3", "JPY": "\u00a5", "INR": "\u20b9", "BDT": "\u09f3"}
UNKNOWN = "not known"


def count(number: int) -> str:
    """Return a whole number.

    >>> count(12480)
    '12,480'
    """
    return f"{number:,}"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun.

    >>> counted(1, "row"), counted(2480, "row")
    ('1 row', '2,480 rows')
    """
    return f"{count(number)} {noun}" + ("" if number == 1 else "s")


def percent(share: float, digits: int = 0) -> str:
    """Return a share of 1.

    >>> percent(0.281).replace(SPACE, " "), percent(0.004).replace(SPACE, " "), percent(0.0)[0]
    ('28 %', '< 1 %', '0')
    """
    if math.isnan(share):
        return UNKNOWN
    if digits == 0 and 0 < share < 0.01:
        return f"<{SPACE}1{SPACE}%"
    if digits == 0 and 0.99 < share < 1:
        return f">{SPACE}99{SPACE}%"
    return f"{100 * share:.{digits}f}{SPACE}%"


def symbol(currency: str) -> str:
    """Return what stands before an amount: a sign, a code, or nothing where the currency is not known.

    >>> symbol("usd"), symbol("CHF").strip(), symbol("")
    ('$', 'CHF', '')
    """
    code = currency.upper()
    return SYMBOLS.get(code, f"{code}{SPACE}" if code else "")


def money(amount: float, currency: str) -> str:
    """Return an amount: cents below 10, none above, millions in short from ten million up.

    >>> money(41.2, "USD"), money(4.1, "USD"), money(-1234.5, "USD"), money(12_345_678, "EUR")[1:]
    ('$41', '$4.10', '-$1,234', '12.35M')
    """
    if math.isnan(amount):
        return UNKNOWN
    size = abs(amount)
    text = f"{size:,.2f}" if 0 < size < 10 else f"{size:,.0f}"
    if size >= 1e7:
        text = f"{size / 1e6:,.2f}M"
    return f"{'-' if amount < 0 else ''}{symbol(currency)}{text}"


def score(value: float) -> str:
    """Return a score between 0 and 1.

    >>> score(0.6149)
    '0.61'
    """
    return UNKNOWN if math.isnan(value) else f"{value:.2f}"


def interval(low: str, high: str) -> str:
    """Return a range of two numbers that are text already; one of them if they look the same.

    >>> interval("0.58", "0.64").replace(DASH, "-"), interval("1", "1")
    ('0.58-0.64', '1')
    """
    if low == high:
        return low
    if UNKNOWN in (low, high):
        return UNKNOWN
    return f"{low} to {high}" if "-" in low + high else f"{low}{DASH}{high}"


def day(value: date) -> str:
    """Return a date without ambiguity about day and month.

    >>> day(date(2025, 9, 1)).replace(SPACE, " ")
    '1 Sep 2025'
    """
    return f"{value.day}{SPACE}{value:%b}{SPACE}{value.year}"


def days(start: date, end: date) -> str:
    """Return two dates, both included.

    >>> days(date(2025, 9, 1), date(2025, 9, 7)).replace(SPACE, " ").replace(DASH, "-")
    '1 - 7 Sep 2025'
    """
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.day} {DASH} {day(end)}"
    head = f"{start.day}{SPACE}{start:%b}" if start.year == end.year else day(start)
    return f"{head} {DASH} {day(end)}"


def sentence(text: str) -> str:
    """Return text with a capital first letter, unless a column's name comes first, and one mark at its end.

    >>> sentence("the window is empty"), sentence("user_id is missing."), sentence("did you mean 'UTC'?")
    ('The window is empty.', 'user_id is missing.', "Did you mean 'UTC'?")
    """
    trimmed = text.strip()
    if not trimmed:
        return ""
    column = "_" in trimmed.split()[0]
    end = "" if trimmed.endswith("?") else "."
    return (trimmed[0] if column else trimmed[0].upper()) + trimmed[1:].rstrip(".") + end
