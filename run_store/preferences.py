"""What a shop sets once: the defaults of every analysis in a workspace, kept in one small file of it.

The command line and the dashboard read the same file. Anything left empty stays as the policy or the
program has it, and whatever is asked for in a single analysis wins.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Literal

from pydantic import Field, ValidationError, ValidationInfo, field_validator, model_validator

from data_ingestion.cells.currencies import is_currency
from retention.customers.phone import checked_region
from retention.errors import InputError, OptionError, WorkspaceError
from retention.partition.record import Record
from retention.period import zone
from retention.policy.policy import Assumptions, Count, Money, Policy, Share, Sizes, Weights
from run_store.policy_files import DEFAULT_POLICY
from run_store.small_files import parsed

SETTINGS_FILE = "settings.json"
RESET = f"Reset the settings, or remove {SETTINGS_FILE} from the workspace"


class Preferences(Record):
    """Defaults of a workspace; empty ones are the policy's, or the program's.

    >>> list(Preferences(currency="EUR", contact_cost=0.05).words())
    ['currency EUR', 'contact cost 0.05']
    """

    version: Literal[1] = 1
    currency: Annotated[str, Field(pattern=r"^([A-Z]{3})?$")] = ""
    timezone: str = "UTC"
    country: str = ""
    policy: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")] = DEFAULT_POLICY
    min_size: Count | None = None
    max_size: Count | None = None
    split_oversize: bool | None = None
    weights: Weights | None = None
    baseline_conversion: Share | None = None
    margin: Share | None = None
    contact_cost: Money | None = None
    discount: Money | None = None
    redemption: Share | None = None
    pictures: Literal["png", "svg"] = "png"

    @field_validator("currency")
    @classmethod
    def _known_currency(cls, code: str) -> str:
        if code and not is_currency(code):
            raise ValueError(f"'{code}' is not a currency of ISO 4217")
        return code

    @field_validator("timezone", "country")
    @classmethod
    def _known_place(cls, name: str, info: ValidationInfo) -> str:
        try:
            return zone(name).key if info.field_name == "timezone" else checked_region(name)
        except InputError as error:
            raise ValueError(error.what) from error

    @model_validator(mode="after")
    def _ordered_sizes(self) -> "Preferences":
        if self.min_size is not None and self.max_size is not None and self.min_size > self.max_size:
            raise ValueError(f"the smallest size {self.min_size} is above the largest {self.max_size}")
        return self

    def assumptions(self, policy: Policy) -> Assumptions | None:
        """Return the policy's assumptions with those set here in their place; None where none is set."""
        names = ("baseline_conversion", "margin", "contact_cost", "discount", "redemption")
        changed = {name: getattr(self, name) for name in names if getattr(self, name) is not None}
        return policy.assumptions.model_copy(update=changed) if changed else None

    def sizes(self, policy: Policy) -> Sizes:
        """Return the policy's sizes with those set here in their place; the largest bounds the smallest."""
        own = policy.sizes
        maximum = own.max_size if self.max_size is None else self.max_size
        minimum = own.min_size if self.min_size is None else self.min_size
        split = own.split_oversize if self.split_oversize is None else self.split_oversize
        bounded = None if minimum is None else min(minimum, maximum)
        return Sizes(min_size=bounded, max_size=maximum, split_oversize=split)

    def words(self) -> Iterator[str]:
        """Yield what differs from a workspace without settings, in words."""
        plain = Preferences()
        for name in Preferences.model_fields:
            value = getattr(self, name)
            if name == "version" or value == getattr(plain, name):
                continue
            label = {"min_size": "smallest segment", "max_size": "largest segment"}.get(name, name.replace("_", " "))
            yield f"{label} {_shown(value)}"


@contextmanager
def checked_entries() -> Iterator[None]:
    """Make values that a person entered; one that cannot be is an error which names it."""
    try:
        yield
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = " ".join(str(step) for step in first["loc"]).replace("_", " ")
        # What our own validators raised, whose text pydantic would begin with words of its own.
        what = first.get("ctx", {}).get("error", first["msg"])
        raise OptionError(
            f"{place}: {what}" if place else str(what), hint="Correct the value and save again"
        ) from error


def preferences_from_json(content: bytes, *, source: str) -> Preferences:
    """Return the preferences that `preferences_to_json` wrote."""
    newer = "the settings have version {}, newer than this program's"
    data = parsed(content, "the settings are not as they were saved", newer, source=source, hint=RESET)
    try:
        return Preferences.read(data, source=source)
    except WorkspaceError as error:
        raise WorkspaceError(error.what, where=source, hint=RESET) from error


def preferences_to_json(preferences: Preferences) -> bytes:
    """Return preferences as JSON."""
    return json.dumps(preferences.plain(), indent=1).encode() + b"\n"


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, Weights):
        return ", ".join(f"{name}={weight:g}" for name, weight in value.model_dump().items())
    return f"{value:g}" if isinstance(value, float) else str(value)
