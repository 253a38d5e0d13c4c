"""The customers of a run as platforms know people: Arrow columns of text, identifiers in one form."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from analysis import Run
from outputs.cells import TEXT, date_cells, local_micros
from retention.customers.normalise import countries, emails, text_column
from retention.customers.phone import phones_of

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class People:
    """Customers, one a row; every column is text, null where nothing readable is known.

    Addresses are trimmed and in lowercase, numbers E.164 with `+`, countries ISO 3166 codes, days YYYY-MM-DD.
    """

    user_id: pa.Array
    email: pa.Array
    phone: pa.Array
    first_name: pa.Array
    last_name: pa.Array
    country: pa.Array
    zip: pa.Array
    segment: pa.Array
    wave: pa.Array
    arm: pa.Array
    abandoned_on: pa.Array
    coupon: pa.Array

    def __len__(self) -> int:
        return len(self.user_id)

    def take(self, rows: Rows) -> "People":
        """Return some rows, in the order given."""
        places = pa.array(rows)
        return replace(self, **{each.name: getattr(self, each.name).take(places) for each in fields(self)})


@dataclass(frozen=True)
class Unreadable:
    """Texts of the data that could not be read as what their column says, in customers."""

    email: int = 0
    phone: int = 0
    country: int = 0

    def __add__(self, other: "Unreadable") -> "Unreadable":
        return Unreadable(self.email + other.email, self.phone + other.phone, self.country + other.country)


def _zips(zips: pa.Array, country: pa.Array) -> pa.Array:
    """Return postal codes with the zeros that a spreadsheet took from American ones."""
    code = pc.utf8_trim_whitespace(zips)
    short = pc.and_(pc.fill_null(pc.equal(country, "US"), False), pc.match_substring_regex(code, "^[0-9]{3,4}$"))
    return pc.if_else(pc.fill_null(short, False), pc.utf8_lpad(code, 5, "0"), zips)


def people_of(run: Run, region: str, wave_counts: Sequence[int]) -> tuple[People, Unreadable]:
    """Return the customers of a run, or of a part of one, and how many texts could not be read.

    Args:
        run: The customers.
        region: The country of those without one.
        wave_counts: Waves of each segment of the whole run.
    """
    segmentation = run.segmentation
    customers = segmentation.customers
    raw = {name: text_column(customers, name) for name in ("email", "phone", "first_name", "last_name", "zip")}
    named = text_column(customers, "country")
    country = countries(named)
    nothing = pa.nulls(len(customers), TEXT)
    in_one_wave = np.array(wave_counts)[segmentation.codes] < 2
    people = People(
        user_id=text_column(customers, "user_id"),
        email=emails(raw["email"]),
        phone=phones_of(customers, region),
        first_name=raw["first_name"],
        last_name=raw["last_name"],
        country=country,
        zip=_zips(raw["zip"], country),
        segment=pa.array(segmentation.tree.names, TEXT).take(pa.array(segmentation.codes)),
        wave=pa.array(segmentation.waves, mask=in_one_wave).cast(TEXT),
        arm=nothing,
        abandoned_on=date_cells(local_micros(customers["cart_abandoned_date"], run.window.timezone)[0]),
        coupon=nothing,
    )
    lost = Unreadable(
        email=people.email.null_count - raw["email"].null_count,
        phone=people.phone.null_count - raw["phone"].null_count,
        country=country.null_count - named.null_count,
    )
    return people, lost
