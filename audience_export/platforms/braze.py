"""Braze users: `external_id` is the shop's identifier; headers that Braze does not know become attributes."""

from audience_export.platform import MEGABYTE, Field, Platform, plain

BRAZE = Platform(
    name="braze",
    title="Braze",
    fields=(
        Field("external_id", plain("user_id")),
        Field("first_name", plain("first_name")),
        Field("last_name", plain("last_name")),
        Field("email", plain("email")),
        Field("phone", plain("phone")),
        Field("cart_segment", plain("segment")),
        Field("cart_wave", plain("wave"), "wave"),
        Field("cart_arm", plain("arm"), "arm"),
        Field("cart_abandoned_date", plain("abandoned_on")),
        Field("cart_coupon_code", plain("coupon"), "coupon"),
    ),
    # No email_subscribe: an import must not subscribe again who has unsubscribed there meanwhile.
    keys={"user_id": "external_id", "email": "email"},
    needs=("user_id",),
    lesser={"phone": "phone"},
    limit=500 * MEGABYTE,
    note="The file leaves the subscription of each user in Braze as it is.",
)
