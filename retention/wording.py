"""Numbers, money and dates as people read them; the pages and the report say them alike."""

import math
from collections.abc import Callable, Collection, Iterable
from datetime import date
from itertools import chain, count as count_from

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


def counted(number: int, noun: str, one: str = "", many: str = "") -> str:
    """Return a number with its noun, and a verb that agrees with them.

    >>> counted(1, "row"), counted(2480, "row"), counted(1, "row", "is", "are")
    ('1 row', '2,480 rows', '1 row is')
    """
    return f"{count(number)} {noun}{'' if number == 1 else 's'} {one if number == 1 else many}".rstrip()


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


def money(amount: float, currency: str, *, digits: int | None = None, sign: bool = False) -> str:
    """Return an amount: cents below 10, none above, millions in short from ten million up; NaN is not known.

    >>> money(41.2, "USD"), money(4.1, "USD"), money(-1234.5, "USD"), money(12_345_678, "EUR")[1:]
    ('$41', '$4.10', '-$1,234', '12.35M')
    >>> money(41.25, "USD", digits=2, sign=True), money(-0.2, "USD", digits=0)
    ('+$41.25', '$0')
    """
    if math.isnan(amount):
        return UNKNOWN
    size = abs(amount)
    if digits is None:
        digits = 2 if 0 < size < 10 else 0
    text = f"{size / 1e6:,.2f}M" if size >= 1e7 else f"{size:,.{digits}f}"
    before = ("-" if amount < 0 else "+" if sign else "") if text.strip("0.") else ""
    return f"{before}{symbol(currency)}{text}"


def money_between(ends: Iterable[float], currency: str) -> str:
    """Return an amount with its interval, where it has one, from the value and both ends.

    >>> money_between((1234.5, -20.0, 3000.4), "USD"), money_between((5.0, math.nan, math.nan), "USD")
    ('$1,234 (-$20 to $3,000)', '$5.00')
    """
    return between(ends, lambda amount: money(amount, currency))


def between(ends: Iterable[float], write: Callable[[float], str]) -> str:
    """Return a number with its interval, where it has one, from the value and both ends; `write` has their words."""
    value, low, high = ends
    if math.isnan(value) or math.isnan(low):
        return write(value)
    return f"{write(value)} ({interval(write(low), write(high))})"


def number_words(value: float, unit: str = "", currency: str = "") -> str:
    """Return a number of any size for people: two decimals from 10 up, three significant digits below.

    Args:
        value: The number.
        unit: `money`, or what stands behind it.
        currency: Code of money.

    >>> number_words(1234.5), number_words(0.51234), number_words(-90.0, "money", "USD")
    ('1,234.50', '0.512', '-$90')
    """
    size = abs(value)
    text = f"{size:,.0f}" if float(size).is_integer() and size < 1e15 else f"{size:,.2f}"
    if not float(size).is_integer() and size < 10:
        text = f"{size:.3g}"
    before, after = (symbol(currency), "") if unit == "money" else ("", f"{SPACE}{unit}" if unit else "")
    return f"{'-' if value < 0 else ''}{before}{text}{after}"


def cut_words(cut: float | str, unit: str = "", currency: str = "") -> str:
    """Return what a policy asks of a cut.

    >>> cut_words("q20").replace(SPACE, " "), cut_words(90, "money", "USD"), cut_words("1 of 2, learned by kmeans")
    ('20 % of customers', '$90', '1 of 2, learned by kmeans')
    """
    if not isinstance(cut, str):
        return number_words(cut, unit, currency)
    return f"{cut[1:]}{SPACE}% of customers" if cut.startswith("q") else cut


def change(number: float, write: Callable[[float], str] = lambda size: count(int(size))) -> str:
    """Return a change with its sign; `write` has the words for its size.

    >>> change(1204), change(-3), change(0)
    ('+1,204', '-3', '0')
    """
    if math.isnan(number):
        return UNKNOWN
    size = write(abs(number))
    return size if size == write(0.0) else f"{'-' if number < 0 else '+'}{size}"


def percent_change(share: float) -> str:
    """Return a relative change.

    >>> percent_change(0.123).replace(SPACE, " "), percent_change(-0.001).replace(SPACE, " ")
    ('+12 %', '0 %')
    """
    return change(share, lambda size: f"{round(100 * size)}{SPACE}%")


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
    >>> days(date(2025, 9, 3), date(2025, 9, 3)).replace(SPACE, " ")
    '3 Sep 2025'
    """
    if start == end:
        return day(end)
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.day} {DASH} {day(end)}"
    head = f"{start.day}{SPACE}{start:%b}" if start.year == end.year else day(start)
    return f"{head} {DASH} {day(end)}"


def free_name(name: str, taken: Collection[str]) -> str:
    """Return a name, or the first one like it with a number that is not taken.

    >>> free_name("Loyal", ["Loyal", "Loyal 2"]), free_name("New", [])
    ('Loyal 3', 'New')
    """
    return next(each for each in chain([name], (f"{name} {number}" for number in count_from(2))) if each not in taken)


def sentence(text: str) -> str:
    """Return text with a capital first letter, unless a name of a column or file comes first, and one mark at its end.

    >>> sentence("the window is empty"), sentence("user_id is missing."), sentence("did you mean 'UTC'?")
    ('The window is empty.', 'user_id is missing.', "Did you mean 'UTC'?")
    >>> sentence("carts.csv: two rows are alike")
    'carts.csv: two rows are alike.'
    """
    trimmed = text.strip()
    if not trimmed:
        return ""
    first = trimmed.split()[0]
    name = "_" in first or "." in first[:-1]
    end = "" if trimmed.endswith("?") else "."
    return (trimmed[0] if name else trimmed[0].upper()) + trimmed[1:].rstrip(".") + end
