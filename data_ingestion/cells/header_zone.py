"""The time zone that a header names, such as `Created (UTC)`."""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data_ingestion.cells.dates import MISSING, Micros
from data_ingestion.cells.local_time import in_zone
from retention.errors import PeriodError
from retention.period import zone

DAY = 86_400_000_000
_UTC = re.compile(
    r"(?:^|[\W_]|(?<=[a-z])(?=[UG]))(?:utc|gmt|zulu)(?:\s*(?P<sign>[+-])(?P<hour>\d{1,2})(?::?(?P<minute>\d{2}))?)?(?![a-z0-9])",
    re.IGNORECASE,
)
_OFFSET = re.compile(r"[(\[]\s*(?P<sign>[+-])(?P<hour>\d{1,2}):?(?P<minute>\d{2})\s*[)\]]")
_PLACE = re.compile(r"[A-Z][A-Za-z]+/[A-Z][A-Za-z_/-]+[A-Za-z]")
_WORDS = re.compile(
    r"[(\[]\s*([a-z &]+?)(\s+(?:standard|daylight|summer))?\s+time\b[^()]*(?:\(us & canada\)\s*)?[)\]]", re.IGNORECASE
)
_KEPT = (
    "pacific America/Los_Angeles, mountain America/Denver, central America/Chicago, eastern America/New_York, "
    "japan Asia/Tokyo, india Asia/Kolkata, korea Asia/Seoul, china Asia/Shanghai"
)
_PLACES = dict(each.split() for each in _KEPT.split(", "))
"""Words before `Time` -> a place that keeps it, with its summer time; `Standard` may leave that out or not."""
_LETTERS = re.compile(r"[(\[]\s*(?:[A-Z]{1,3}[SD]T|CET|EET|WET|PT|ET|MT|CT|MEZ|MESZ)\s*[)\]]")


@dataclass(frozen=True)
class HeaderZone:
    """What a header says about the zone of its times.

    Args:
        name: For people; `""` where it names none.
        place: IANA name; `""`: it is an offset.
        offset: Microseconds before UTC, where it is no place.
        known: Whether it can be used: letters such as CST mean several zones.
    """

    name: str = ""
    place: str = ""
    offset: int = 0
    known: bool = True

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


def header_zone(header: str) -> HeaderZone:
    """Return the zone that a header names.

    >>> header_zone("Created date (UTC)").name, header_zone("created_at (GMT+2)").offset // 3_600_000_000
    ('UTC', 2)
    >>> header_zone("Date (Europe/Berlin)").place, header_zone("Sale Date (PST)").known, header_zone("Date").name
    ('Europe/Berlin', False, '')
    """
    if place := _PLACE.search(header):
        try:
            zone(place[0])
        except PeriodError:
            pass
        else:
            return HeaderZone(place[0], place[0])
    if found := _UTC.search(header) or _OFFSET.search(header):
        hours, minutes = int(found["hour"] or 0), int(found["minute"] or 0)
        offset = (hours * 60 + minutes) * 60_000_000 * (-1 if found["sign"] == "-" else 1)
        name = f"UTC{found['sign']}{hours:02}:{minutes:02}" if offset else "UTC"
        return HeaderZone(name, offset=offset, known=hours <= 14 and minutes < 60)
    if (words := _WORDS.search(header)) and (kept := _PLACES.get(words[1].lower())):
        sure = not words[2] or kept.startswith("Asia/")
        return HeaderZone(kept, kept) if sure else HeaderZone(f"{words[1]}{words[2]} Time", known=False)
    letters = _LETTERS.search(header)
    return HeaderZone(letters[0].strip("()[] "), known=False) if letters else HeaderZone()


def only_days(parts: list[tuple[Micros, NDArray[np.bool_] | None]]) -> bool:
    """Return whether a column of local times holds days only: every one of them is a midnight."""
    known = [micros[micros != MISSING] for micros, _ in parts]
    local = all(instant is None or not instant.any() for _, instant in parts)
    return local and any(map(len, known)) and all(not (micros % DAY).any() for micros in known)
