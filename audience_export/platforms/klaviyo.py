"""Klaviyo profiles: the first column is the e-mail address, other headers become properties."""

from audience_export.platform import MEGABYTE, Field, Platform, plain

KLAVIYO = Platform(
    name="klaviyo",
    title="Klaviyo",
    fields=(
        Field("Email Address", plain("email")),
        Field("Phone Number", plain("phone")),
        Field("First Name", plain("first_name")),
        Field("Last Name", plain("last_name")),
        Field("Segment", plain("segment")),
        Field("Wave", plain("wave"), "wave"),
        Field("Arm", plain("arm"), "arm"),
        Field("Cart Abandoned", plain("abandoned_on")),
        Field("Coupon Code", plain("coupon"), "coupon"),
    ),
    keys={"email": "Email Address"},
    needs=("email",),
    # Two profiles cannot have one phone number: an import would merge two people.
    lesser={"phone": "Phone Number"},
    limit=50 * MEGABYTE,
    note="Import the phone numbers without consent for text messages: this file only carries consent to e-mail.",
)
