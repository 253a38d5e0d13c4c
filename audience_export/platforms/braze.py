"""Braze users: `external_id` is the shop's identifier; headers that Braze does not know become attributes."""

from audience_export.platform import MEGABYTE, Platform, PlatformField, plain

BRAZE = Platform(
    name="braze",
    title="Braze",
    fields=(
        PlatformField("external_id", plain("user_id")),
        PlatformField("first_name", plain("first_name")),
        PlatformField("last_name", plain("last_name")),
        PlatformField("email", plain("email")),
        PlatformField("phone", plain("phone")),
        PlatformField("cart_segment", plain("segment")),
        PlatformField("cart_wave", plain("wave"), "wave"),
        PlatformField("cart_arm", plain("arm"), "arm"),
        PlatformField("cart_abandoned_date", plain("abandoned_on")),
        PlatformField("cart_coupon_code", plain("coupon"), "coupon"),
    ),
    # No email_subscribe: an import must not subscribe again who has unsubscribed there meanwhile.
    keys={"user_id": "external_id", "email": "email"},
    needs=("user_id",),
    lesser={"phone": "phone"},
    limit=500 * MEGABYTE,
    note="The file leaves the subscription of each user in Braze as it is.",
)
