"""Platforms that send mail: they know people by the e-mail address, or by the shop's identifier; nothing is hashed."""

from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from audience_export.layout import JSON
from audience_export.people import People
from audience_export.platform import MEGABYTE, Platform
from outputs.cells import TEXT

NAMES = {"First Name": "first_name", "Last Name": "last_name"}
OURS = {"Segment": "segment", "Wave": "wave", "Arm": "arm", "Cart Abandoned": "abandoned_on", "Coupon Code": "coupon"}
"""What the segmenter says of a customer, as properties of the platform."""


def tags(people: People) -> pa.Array:
    """Return the tags of each contact; a comma parts tags, so names lose theirs."""
    parts = [_named("", people.segment), _named("wave ", people.wave), _named("arm ", people.arm)]
    return pc.binary_join_element_wise(*parts, pa.scalar(",", TEXT), null_handling="skip")


def _named(prefix: str, texts: pa.Array) -> pa.Array:
    cells = pc.replace_substring_regex(texts, r"\s*,\s*", " ")
    return pc.binary_join_element_wise(pa.scalar(prefix, TEXT), cells, pa.scalar("", TEXT))


def full_name(people: People) -> pa.Array:
    """Return first and last name with a blank between; the address where there is neither, for a name is needed."""
    parts = [pc.fill_null(names, "") for names in (people.first_name, people.last_name)]
    whole = pc.utf8_trim_whitespace(pc.binary_join_element_wise(*parts, pa.scalar(" ", TEXT)))
    return pc.if_else(pc.equal(whole, ""), people.email, whole)


def attributes(people: People) -> pa.Array:
    """Return what the segmenter says of each customer as one JSON object."""
    texts = {name: getattr(people, name) for name in ("segment", "wave", "arm", "abandoned_on", "coupon")}
    return pc.utf8_rtrim(JSON.records(texts), characters=",\n")


KLAVIYO = Platform(
    name="klaviyo",
    title="Klaviyo",
    fields={"Email Address": "email", "Phone Number": "phone", **NAMES, **OURS},
    keys={"email": "Email Address"},
    needs=("email", "phone"),
    # Two profiles cannot have one phone number: an import would merge two people.
    lesser={"phone": "Phone Number"},
    leading=True,
    limit=50 * MEGABYTE,
    note="Import the phone numbers without consent for text messages: this file only carries consent to e-mail.",
)
MAILCHIMP = Platform(
    name="mailchimp",
    title="Mailchimp",
    fields={"Email Address": "email", **NAMES, "Phone Number": "phone", "TAGS": tags, "Coupon Code": "coupon"},
    keys={"email": "Email Address"},
    needs=("email",),
    lesser={"phone": "Phone Number"},
    note="Import as subscribed only if the customers agreed to your newsletter.",
)
BRAZE = Platform(
    name="braze",
    title="Braze",
    fields={
        "external_id": "user_id",
        **{name: name for name in ("first_name", "last_name", "email", "phone")},
        **{f"cart_{name}": name for name in ("segment", "wave", "arm")},
        "cart_abandoned_date": "abandoned_on",
        "cart_coupon_code": "coupon",
    },
    # No email_subscribe: an import must not subscribe again who has unsubscribed there meanwhile.
    keys={"user_id": "external_id", "email": "email"},
    needs=("user_id",),
    lesser={"phone": "phone"},
    limit=500 * MEGABYTE,
    note="The file leaves the subscription of each user in Braze as it is.",
)
OMNISEND = Platform(
    name="omnisend",
    title="Omnisend",
    fields={"Email": "email", "Phone": "phone", **NAMES, "Country": "country", "Postal Code": "zip", **OURS},
    keys={"email": "Email"},
    needs=("email", "phone"),
    lesser={"phone": "Phone"},
    note="Import as subscribed to e-mail only, not to SMS: this file only carries consent to e-mail.",
)
BREVO = Platform(
    name="brevo",
    title="Brevo",
    fields={
        "EMAIL": "email",
        "FIRSTNAME": "first_name",
        "LASTNAME": "last_name",
        "SMS": "phone",
        **{header.upper().replace(" ", "_"): name for header, name in OURS.items()},
    },
    keys={"email": "EMAIL"},
    needs=("email", "phone"),
    # An SMS number is an identifier there: it belongs to one contact.
    lesser={"phone": "SMS"},
    limit=250 * MEGABYTE,
    note="New attributes are made while you import; the file carries consent to e-mail, not to SMS.",
)
HUBSPOT = Platform(
    name="hubspot",
    title="HubSpot",
    fields={
        "Email": "email",
        "First name": "first_name",
        "Last name": "last_name",
        "Phone number": "phone",
        **{f"Cart {header.removeprefix('Cart ').lower()}": name for header, name in OURS.items()},
    },
    keys={"email": "Email"},
    needs=("email",),
    lesser={"phone": "Phone number"},
    # What an account without a subscription takes; the others take 512 MB.
    limit=20 * MEGABYTE,
    note="Create the properties that start with Cart first, and set the contacts as marketing contacts yourself.",
)
LISTMONK = Platform(
    name="listmonk",
    title="listmonk",
    fields={"email": "email", "name": full_name, "attributes": attributes},
    keys={"email": "email"},
    needs=("email",),
    note="Import in the mode Subscribe, and do not overwrite the status of subscribers who are there already.",
)
GENERIC_CSV = Platform(
    name="csv",
    title="Any other platform, as CSV",
    fields={
        "user_id": "user_id",
        "Segment": "segment",
        "Wave": "wave",
        "Arm": "arm",
        **{name: name for name in ("email", "phone", "first_name", "last_name", "country", "zip")},
        "cart_abandoned_date": "abandoned_on",
        "coupon_code": "coupon",
    },
    keys={"user_id": "user_id", "email": "email"},
    needs=("user_id",),
    lesser={"phone": "phone"},
    for_people=True,
)
GENERIC_JSON = replace(GENERIC_CSV, name="json", title="Any other platform, as JSON", layout="json", for_people=False)
