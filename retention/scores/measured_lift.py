"""What an experiment counted in a segment, in the form that the next analyses take up.

Counts are kept and not rates: what they say of baseline and lift is worked out when scores are made, with all
experiments and the policy's assumptions together, so that nothing is drawn towards the others twice.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import date

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from retention.errors import OptionError, SourceError


class MeasuredLift(BaseModel):
    """The counts of one segment in one experiment: of the treatment, and of the control."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    segment: str
    converted: int = Field(ge=0)
    customers: int = Field(ge=1)
    control_converted: int = Field(ge=0)
    control_customers: int = Field(ge=1)
    experiment: str
    treatment: str
    measured_on: date

    @model_validator(mode="after")
    def _possible(self) -> "MeasuredLift":
        if self.converted > self.customers or self.control_converted > self.control_customers:
            raise ValueError("more customers converted than there are")
        return self


_LIFTS = TypeAdapter(list[MeasuredLift])


def lifts_to_json(lifts: Iterable[MeasuredLift]) -> str:
    """Return measured lifts as text.

    >>> lifts_from_json(lifts_to_json([]))
    ()
    """
    return _LIFTS.dump_json(list(lifts), indent=1).decode() + "\n"


def lifts_from_json(text: str, *, source: str = "lifts") -> tuple[MeasuredLift, ...]:
    """Return the measured lifts of a text.

    Raises:
        SourceError: It holds something else, rates without counts, or a segment of an experiment twice.
    """
    try:
        lifts = _LIFTS.validate_json(text)
    except ValidationError as error:
        if retired := retired_in(text):
            hint = "Measure the results of the period again and keep them again"
            raise SourceError(retired, where=source, hint=hint) from error
        fault = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, fault["loc"]))
        raise SourceError(
            f"the file contains no measured lifts: {place} {fault['msg']}".replace(":  ", ": "),
            where=source,
            hint="Give the file of lifts that the results of a campaign were written to",
        ) from error
    if len({(lift.segment, lift.experiment) for lift in lifts}) < len(lifts):
        raise SourceError("a segment of an experiment is listed twice", where=source)
    return tuple(lifts)


def retired_in(text: str) -> str:
    """Return that lifts were kept by an older program as rates, by experiment; nothing where none were.

    From a rate that was drawn towards others its counts cannot be worked out again.
    """
    try:
        entries = json.loads(text)
    except ValueError:
        return ""
    names = {str(each["experiment"]) for each in entries if is_retired(each)} if isinstance(entries, list) else ()
    quoted = " and ".join(f"'{name}'" for name in sorted(names))
    return quoted and f"the lifts of experiment {quoted} were kept as rates without counts, which are not used any more"


def is_retired(entry: object) -> bool:
    """Return whether an entry is a lift of an older program."""
    return isinstance(entry, dict) and {"experiment", "baseline", "lift"} <= entry.keys()


def without_measured(kept: Sequence[MeasuredLift], experiment: str) -> tuple[MeasuredLift, ...]:
    """Return kept lifts without those of an experiment."""
    names = {lift.experiment for lift in kept}
    if experiment not in names:
        known = f"Choose one of {', '.join(sorted(names))}" if names else "No measured lifts are kept"
        raise OptionError(f"there are no lifts of an experiment '{experiment}'", hint=known)
    return tuple(lift for lift in kept if lift.experiment != experiment)


def with_measured(kept: Sequence[MeasuredLift], new: Sequence[MeasuredLift]) -> tuple[MeasuredLift, ...]:
    """Return kept lifts with new ones added, in place of those of the same experiments."""
    replaced = {lift.experiment for lift in new}
    return (*(lift for lift in kept if lift.experiment not in replaced), *new)
