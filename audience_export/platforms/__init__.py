"""The platforms that audiences are written for.

mailing      those that send mail, known by e-mail address or identifier, and files for everything else
advertising  those that compare hashes
"""

from audience_export.platform import Platform
from audience_export.platforms.advertising import GOOGLE_ADS, META
from audience_export.platforms.mailing import (
    BRAZE,
    BREVO,
    GENERIC_CSV,
    GENERIC_JSON,
    HUBSPOT,
    KLAVIYO,
    LISTMONK,
    MAILCHIMP,
    OMNISEND,
)
from retention.errors import OptionError, Setting, did_you_mean

_MAILING = (KLAVIYO, MAILCHIMP, BRAZE, OMNISEND, BREVO, HUBSPOT, LISTMONK)
PLATFORMS: dict[str, Platform] = {each.name: each for each in (*_MAILING, GOOGLE_ADS, META, GENERIC_CSV, GENERIC_JSON)}


def platform_named(name: str) -> Platform:
    """Return a platform.

    >>> platform_named("Google_Ads").title
    'Google Ads Customer Match'
    """
    key = name.strip().lower().replace("_", "-").replace(" ", "-")
    if key not in PLATFORMS:
        raise OptionError(f"'{name}' is not a platform", where=Setting.PLATFORM, hint=did_you_mean(key, PLATFORMS))
    return PLATFORMS[key]
