"""Google Ads Customer Match: e-mail, phone with `+` and names hashed, country and zip plain."""

import pyarrow as pa
import pyarrow.compute as pc

from audience_export.people import People
from audience_export.platform import Platform, PlatformField, hashed, plain
from retention.customers.normalise import folded, gmail_names


def zip_code(people: People) -> pa.Array:
    """Return postal codes without blanks at their ends."""
    return pc.utf8_trim_whitespace(people.zip)


GOOGLE_ADS = Platform(
    name="google-ads",
    title="Google Ads Customer Match",
    fields=(
        PlatformField("Email", hashed("email", gmail_names)),
        PlatformField("Phone", hashed("phone")),
        PlatformField("First Name", hashed("first_name", folded)),
        PlatformField("Last Name", hashed("last_name", folded)),
        PlatformField("Country", plain("country")),
        PlatformField("Zip", zip_code),
    ),
    keys={"email": "Email"},
    needs=("email", "phone"),
    lesser={"phone": "Phone"},
    note="When you upload it, say that the data is hashed.",
)
