"""Klaviyo profiles, of an e-mail address or a phone number; headers that Klaviyo does not know become properties."""

from audience_export.platform import MEGABYTE, Platform, PlatformField, plain

KLAVIYO = Platform(
    name="klaviyo",
    title="Klaviyo",
    fields=(
        PlatformField("Email Address", plain("email")),
        PlatformField("Phone Number", plain("phone")),
        PlatformField("First Name", plain("first_name")),
        PlatformField("Last Name", plain("last_name")),
        PlatformField("Segment", plain("segment")),
        PlatformField("Wave", plain("wave"), "wave"),
        PlatformField("Arm", plain("arm"), "arm"),
        PlatformField("Cart Abandoned", plain("abandoned_on")),
        PlatformField("Coupon Code", plain("coupon"), "coupon"),
    ),
    keys={"email": "Email Address"},
    needs=("email", "phone"),
    # Two profiles cannot have one phone number: an import would merge two people.
    lesser={"phone": "Phone Number"},
    limit=50 * MEGABYTE,
    note="Import the phone numbers without consent for text messages: this file only carries consent to e-mail.",
)
