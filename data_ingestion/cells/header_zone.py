"""The time zone that a header names, such as `Created (UTC)`."""

import re
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import available_timezones

import numpy as np
from numpy.typing import NDArray

from data_ingestion.cells.dates import MISSING, Micros
from data_ingestion.cells.local_time import in_zone

DAY = 86_400_000_000
_UTC = re.compile(
    r"(?:^|[\W_]|(?<=[a-z])(?=[UG]))(?:utc|gmt|zulu)(?:\s*(?P<sign>[+\u2212-])\s*(?P<hour>\d{1,2})(?::?(?P<minute>\d{2}))?h?)?"
    r"(?P<odd>[.,:+\u2212-]?\d[^)\]]*)?(?![a-z0-9])",
    re.IGNORECASE,
)
_OFFSET = re.compile(
    r"(?:[(\[]\s*|\s)(?P<sign>[+\u2212-])(?P<hour>\d{1,2}):?(?P<minute>\d{2})(?P<odd>\d)?\s*(?:[)\]]|$)"
)
_PLACE = re.compile(r"[A-Za-z]+/[A-Za-z][\w/+-]*\w")
_BRACKET = re.compile(r"[(\[]([^()\[\]\d]+)[)\]]\s*$")
_LANDS = ("Africa/", "America/", "Asia/", "Europe/")
_WORD = re.compile(r"[^\W\d_]+")
_KEPT = (
    "pacific America/Los_Angeles, mountain America/Denver, central America/Chicago, eastern America/New_York, "
    "japan Asia/Tokyo, india Asia/Kolkata, korea Asia/Seoul, china Asia/Shanghai, central_european Europe/Berlin, "
    "uk Europe/London, british Europe/London, greenwich_mean Etc/GMT, gulf Asia/Dubai, jst Asia/Tokyo, "
    "kst Asia/Seoul, hkt Asia/Hong_Kong, sgt Asia/Singapore, msk Europe/Moscow"
)
_PLACES = dict(each.split() for each in _KEPT.split(", "))
"""Words before `Time`, or letters -> a place that keeps it, with its summer time; `Standard` may leave that out."""
_LETTERS = re.compile(
    r"[(\[]\s*(?:[A-Z]{1,3}[SD]T|CET|EET|WET|PT|ET|MT|CT|MEZ|MESZ|HKT|SGT|MSK|BRT)\s*[)\]]"
    r"|[\s_-](?:[ECMP][SD]?T|AK[SD]T|[BHIJK]ST|CES?T|EES?T|WES?T|MES?Z|A[ECW][SD]T|NZ[SD]T|HKT|SGT|MSK|BRT)\s*$"
)


@dataclass(frozen=True)
class HeaderZone:
    """What a header says about the zone of its times.

    Args:
        name: For people; `""` where it names none.
        place: IANA name; `""`: it is an offset.
        offset: Microseconds before UTC, where it is no place.
        known: Whether it can be used: letters such as CST mean several zones.
        said: How the header writes it, where the rest of the header is a name by itself.
    """

    name: str = ""
    place: str = ""
    offset: int = 0
    known: bool = True
    said: str = ""

    def in_utc(self, micros: Micros, instant: NDArray[np.bool_] | None) -> tuple[Micros, NDArray[np.bool_]]:
        """Return parsed times in UTC; those with an offset of their own are instants already."""
        everywhere = np.ones(len(micros), dtype=np.bool_)
        if self.place:
            local, _, _ = in_zone(micros, instant, self.place)
            return local.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[us]").view(
                np.int64
            ), everywhere
        own = np.zeros(len(micros), dtype=np.bool_) if instant is None else instant
        return np.where(own | (micros == MISSING), micros, micros - self.offset), everywhere


@lru_cache(4096)
def header_zone(header: str) -> HeaderZone:
    """Return the zone that a header names.

    >>> header_zone("Created date (UTC)").name, header_zone("created_at GMT+2").offset // 3_600_000_000
    ('UTC', 2)
    >>> header_zone("Date (Europe/Berlin)").place, header_zone("Sale Date PST").known, header_zone("Date").name
    ('Europe/Berlin', False, '')
    """
    for place in _PLACE.findall(header):
        if name := _zones().get(place.casefold()):
            return HeaderZone(name, name, said=place)
    # `(GMT+01:00) Berlin Time` has a summer.
    if (words := _in_words(header)).name:
        return words
    if match := _UTC.search(header) or _OFFSET.search(header):
        sign = "-" if match["sign"] in ("-", "\u2212") else "+"
        hours, minutes = int(match["hour"] or 0), int(match["minute"] or 0)
        offset = (hours * 60 + minutes) * 60_000_000 * (-1 if sign == "-" else 1)
        if match["odd"] or hours > 14 or minutes >= 60:
            return HeaderZone(match[0].strip("()[]_ "), known=False, said=match[0])
        return HeaderZone(f"UTC{sign}{hours:02}:{minutes:02}" if offset else "UTC", offset=offset, said=match[0])
    if letters := _LETTERS.search(header):
        name = letters[0].strip("()[]_- ")
        place = _PLACES.get(name.casefold(), "")
        return HeaderZone(place or name, place, known=place != "", said=letters[0])
    return HeaderZone()


@lru_cache(1)
def _zones() -> dict[str, str]:
    """Return names of zones and cities, folded -> IANA name as it is spelled."""
    zones = sorted(available_timezones())
    cities = {each.partition("/")[2].casefold(): each for each in zones if each.startswith(_LANDS)}
    return cities | {each.casefold(): each for each in zones if "/" in each} | _PLACES


def _in_words(header: str) -> HeaderZone:
    """Return the zone whose name stands before `time`, or whose city stands in parentheses."""
    words = _WORD.findall(header.casefold())
    end = max((place for place, word in enumerate(words) if word == "time"), default=0)
    season = end > 0 and words[end - 1] in ("standard", "daylight", "summer")
    names = ["_".join(words[max(0, end - season - count) : end - season]) for count in (3, 2, 1)] if end else []
    names += ["_".join(_WORD.findall(bracket[1].casefold())) for bracket in _BRACKET.finditer(header)]
    name = next((_zones()[each] for each in filter(None, names) if each in _zones()), "")
    if season and name and not name.startswith("Asia/"):
        return HeaderZone(" ".join(words[end - 2 : end + 1]).title(), known=False)
    return HeaderZone(name, name)


def only_days(parts: list[tuple[Micros, NDArray[np.bool_] | None]]) -> bool:
    """Return whether a column of local times holds days only: every one of them is a midnight."""
    known = [micros[micros != MISSING] for micros, _ in parts]
    local = all(instant is None or not instant.any() for _, instant in parts)
    return local and any(map(len, known)) and all(not (micros % DAY).any() for micros in known)
