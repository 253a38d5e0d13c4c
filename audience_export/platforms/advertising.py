"""Platforms that advertise: they compare hashes, so each text is brought into the form that they hash themselves."""

import pyarrow as pa
import pyarrow.compute as pc

from audience_export.hashing import sha256_hex
from audience_export.people import People
from audience_export.platform import Platform, empty, hashed
from retention.customers.normalise import folded, gmail_names

NOTE = "When you upload it, say that the data is hashed."


def single_spaced(names: pa.Array) -> pa.Array:
    """Return names in lowercase without extra blanks before, after and in between."""
    return folded(pc.utf8_trim_whitespace(pc.replace_substring_regex(names, r"[\s\p{Z}]+", " ")))


def unpunctuated(names: pa.Array) -> pa.Array:
    """Return names in lowercase without punctuation."""
    return single_spaced(pc.replace_substring_regex(names, r"\p{P}", ""))


def digits(phones: pa.Array) -> pa.Array:
    """Return E.164 numbers as digits: country code first, no `+`, no zero in front."""
    return pc.utf8_ltrim(phones, characters="+0")


def meta_zip(people: People) -> pa.Array:
    """Return the hash of postal codes in lowercase without blanks and dashes; American ones have five digits."""
    code = pc.utf8_lower(pc.replace_substring_regex(people.zip, r"[\s\p{Z}\p{Pd}]", ""))
    american = pc.fill_null(pc.equal(people.country, "US"), False)
    short = pc.if_else(american, pc.utf8_slice_codeunits(code, 0, 5), code)
    return sha256_hex(pc.if_else(pc.equal(short, ""), None, short))


GOOGLE_ADS = Platform(
    name="google-ads",
    title="Google Ads Customer Match",
    fields={
        "Email": hashed("email", gmail_names),
        "Phone": hashed("phone"),
        "First Name": hashed("first_name", single_spaced),
        "Last Name": hashed("last_name", single_spaced),
        "Country": "country",
        "Zip": lambda people: pc.utf8_trim_whitespace(people.zip),
    },
    keys={"email": "Email"},
    needs=("email", "phone"),
    lesser={"phone": "Phone"},
    coupons=False,
    note=NOTE,
)
META = Platform(
    name="meta",
    title="Meta custom audience",
    fields={
        "email": hashed("email"),
        "phone": hashed("phone", digits),
        "fn": hashed("first_name", unpunctuated),
        "ln": hashed("last_name", unpunctuated),
        "zip": meta_zip,
        **dict.fromkeys(("ct", "st"), empty),
        "country": hashed("country", folded),
        # `uid` is Meta's own number of a person, not the shop's, and no customer's worth is handed on.
        **dict.fromkeys(("dob", "gen", "uid", "value"), empty),
    },
    keys={"email": "email"},
    needs=("email", "phone"),
    lesser={"phone": "phone"},
    coupons=False,
    note=NOTE,
)
