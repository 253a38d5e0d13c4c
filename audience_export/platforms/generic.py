"""Files for everything else: CSV for people and programs, JSON for programs."""

from audience_export.platform import Platform, PlatformField, plain

FIELDS = (
    PlatformField("user_id", plain("user_id")),
    PlatformField("Segment", plain("segment")),
    PlatformField("Wave", plain("wave"), "wave"),
    PlatformField("Arm", plain("arm"), "arm"),
    PlatformField("email", plain("email")),
    PlatformField("phone", plain("phone")),
    PlatformField("first_name", plain("first_name")),
    PlatformField("last_name", plain("last_name")),
    PlatformField("country", plain("country")),
    PlatformField("zip", plain("zip")),
    PlatformField("cart_abandoned_date", plain("abandoned_on")),
    PlatformField("coupon_code", plain("coupon"), "coupon"),
)
KEYS = {"user_id": "user_id", "email": "email"}
LESSER = {"phone": "phone"}

GENERIC_CSV = Platform("csv", "Any other platform, as CSV", FIELDS, KEYS, ("user_id",), LESSER, for_people=True)
GENERIC_JSON = Platform("json", "Any other platform, as JSON", FIELDS, KEYS, ("user_id",), LESSER, layout="json")
