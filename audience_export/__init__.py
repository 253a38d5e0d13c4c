"""Audience files for mail and advertising platforms, without those who must not be contacted.

reasons       why a customer is left out
people        customers as platforms know people
hashing       SHA-256 of columns
lists         lists of people from files
consent       who agreed, and who must not be contacted
coupons       one code a customer
plan          `plan_audiences`: who is in which audience, who is left out and why
shared_ids    who shares an identifier, and who keeps it
platform      what a platform's file holds
platforms     the platforms
layout        columns -> the bytes of files that are not too large
export        `write_audiences`, `audience_zip`
verification  written files read back
manifest      `manifest.json`, and which files of a folder are ours
"""

from audience_export.coupons import read_coupons
from audience_export.export import Exported, audience_zip, audience_zip_name, write_audiences, zip_of
from audience_export.lists import PeopleList, contacts_of, read_people
from audience_export.manifest import AUDIENCES, audience_names
from audience_export.plan import AudiencePlan, AudienceRequest, Contacted, plan_audiences
from audience_export.platforms import PLATFORMS, platform_named
from audience_export.reasons import LeftOut
