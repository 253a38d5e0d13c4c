"""Files for everything else: CSV for people and programs, JSON for programs."""

from audience_export.platform import Field, Platform, plain

FIELDS = (
    Field("user_id", plain("user_id")),
    Field("Segment", plain("segment")),
    Field("Wave", plain("wave"), "wave"),
    Field("Arm", plain("arm"), "arm"),
    Field("email", plain("email")),
    Field("phone", plain("phone")),
    Field("first_name", plain("first_name")),
    Field("last_name", plain("last_name")),
    Field("country", plain("country")),
    Field("zip", plain("zip")),
    Field("cart_abandoned_date", plain("abandoned_on")),
    Field("coupon_code", plain("coupon"), "coupon"),
)
KEYS = {"user_id": "user_id", "email": "email"}
LESSER = {"phone": "phone"}

GENERIC_CSV = Platform("csv", "Any other platform, as CSV", FIELDS, KEYS, ("user_id",), LESSER, for_people=True)
GENERIC_JSON = Platform("json", "Any other platform, as JSON", FIELDS, KEYS, ("user_id",), LESSER, layout="json")
