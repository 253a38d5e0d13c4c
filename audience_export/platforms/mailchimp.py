"""Mailchimp contacts: only the e-mail address is required; segment, wave and arm are tags."""

import pyarrow as pa
import pyarrow.compute as pc

from audience_export.people import TEXT, People
from audience_export.platform import Platform, PlatformField, plain


def tags(people: People) -> pa.Array:
    """Return the tags of each contact; a comma parts tags, so names lose theirs."""
    parts = [_named("", people.segment), _named("wave ", people.wave), _named("arm ", people.arm)]
    return pc.binary_join_element_wise(*parts, pa.scalar(",", TEXT), null_handling="skip")


def _named(prefix: str, texts: pa.Array) -> pa.Array:
    cells = pc.replace_substring_regex(texts, r"\s*,\s*", " ")
    return pc.binary_join_element_wise(pa.scalar(prefix, TEXT), cells, pa.scalar("", TEXT))


MAILCHIMP = Platform(
    name="mailchimp",
    title="Mailchimp",
    fields=(
        PlatformField("Email Address", plain("email")),
        PlatformField("First Name", plain("first_name")),
        PlatformField("Last Name", plain("last_name")),
        PlatformField("Phone Number", plain("phone")),
        PlatformField("TAGS", tags),
        PlatformField("Coupon Code", plain("coupon"), "coupon"),
    ),
    keys={"email": "Email Address"},
    needs=("email",),
    lesser={"phone": "Phone Number"},
    note="Import as subscribed only if the customers agreed to your newsletter.",
)
