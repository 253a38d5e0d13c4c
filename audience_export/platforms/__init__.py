"""The platforms that audiences are written for, one small file each.

klaviyo     profiles, known by e-mail address and phone number
mailchimp   contacts, known by e-mail address, with tags
braze       users, known by the shop's identifier
google_ads  Customer Match, hashed
meta        custom audience, hashed
generic     CSV and JSON for everything else
"""

from audience_export.platform import Platform
from audience_export.platforms.braze import BRAZE
from audience_export.platforms.generic import GENERIC_CSV, GENERIC_JSON
from audience_export.platforms.google_ads import GOOGLE_ADS
from audience_export.platforms.klaviyo import KLAVIYO
from audience_export.platforms.mailchimp import MAILCHIMP
from audience_export.platforms.meta import META
from retention.errors import OptionError, Setting, did_you_mean

PLATFORMS: dict[str, Platform] = {
    platform.name: platform for platform in (KLAVIYO, MAILCHIMP, BRAZE, GOOGLE_ADS, META, GENERIC_CSV, GENERIC_JSON)
}
"""By name, in the order that people see."""

__all__ = ["PLATFORMS", "platform_named"]


def platform_named(name: str) -> Platform:
    """Return a platform.

    Args:
        name: Its name; case, `_` and blanks do not matter.

    Raises:
        OptionError: There is none of that name.

    >>> platform_named("Google_Ads").title
    'Google Ads Customer Match'
    """
    key = name.strip().lower().replace("_", "-").replace(" ", "-")
    if key not in PLATFORMS:
        raise OptionError(f"'{name}' is not a platform", where=Setting.PLATFORM, hint=did_you_mean(key, PLATFORMS))
    return PLATFORMS[key]
