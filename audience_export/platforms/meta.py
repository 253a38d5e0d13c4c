"""Meta custom audience: everything that tells who a person is, hashed; the phone without `+`."""

import pyarrow as pa
import pyarrow.compute as pc

from audience_export.hashing import sha256_hex
from audience_export.people import People
from audience_export.platform import Platform, PlatformField, empty, hashed, letters
from retention.customers.normalise import folded


def digits(phones: pa.Array) -> pa.Array:
    """Return E.164 numbers as digits: country code first, no `+`, no zero in front."""
    return pc.utf8_ltrim(phones, characters="+0")


def zip_code(people: People) -> pa.Array:
    """Return the hash of postal codes in lowercase without blanks; of American ones, of the first five digits."""
    code = letters(people.zip)
    american = pc.fill_null(pc.equal(people.country, "US"), False)
    short = pc.if_else(american, pc.utf8_slice_codeunits(code, 0, 5), code)
    return sha256_hex(pc.if_else(pc.equal(short, ""), None, short))


META = Platform(
    name="meta",
    title="Meta custom audience",
    fields=(
        PlatformField("email", hashed("email")),
        PlatformField("phone", hashed("phone", digits)),
        PlatformField("fn", hashed("first_name", folded)),
        PlatformField("ln", hashed("last_name", folded)),
        PlatformField("zip", zip_code),
        PlatformField("ct", empty),
        PlatformField("st", empty),
        PlatformField("country", hashed("country", folded)),
        PlatformField("dob", empty),
        PlatformField("gen", empty),
        # `uid` is Meta's own number of a person, not the shop's, and no customer's worth is handed on.
        PlatformField("uid", empty),
        PlatformField("value", empty),
    ),
    keys={"email": "email"},
    needs=("email", "phone"),
    lesser={"phone": "phone"},
    note="When you upload it, say that the data is hashed.",
)
