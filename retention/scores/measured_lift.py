"""What an experiment measured of a segment, in the form that the next analysis takes up."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from retention.errors import SourceError

Rate = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Relative = Annotated[float, Field(ge=-1, allow_inf_nan=False)]


class MeasuredLift(BaseModel):
    """The relative lift of one segment, shrunk towards the others, with its 95 % interval.

    Args:
        segment: Name of the segment.
        lift: Relative lift of the conversion rate: .2 is a fifth more than without contact.
        low: Lower end.
        high: Upper end.
        baseline: Conversion rate of the control group.
        customers: Customers of both groups.
        experiment: Name of the experiment.
        measured_on: Day of the results.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    segment: str
    lift: Relative
    low: Relative
    high: Relative
    baseline: Rate
    customers: int = Field(ge=1)
    experiment: str
    measured_on: date

    @model_validator(mode="after")
    def _in_order(self) -> "MeasuredLift":
        if not self.low <= self.lift <= self.high:
            raise ValueError("low, lift and high are not in this order")
        return self

    @property
    def error(self) -> float:
        """Standard error that the width of the interval stands for."""
        return (self.high - self.low) / (2 * 1.959963984540054)


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
        SourceError: It holds something else, or a segment twice.
    """
    try:
        lifts = _LIFTS.validate_json(text)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, fault["loc"]))
        raise SourceError(
            f"the file contains no measured lifts: {place} {fault['msg']}".replace(":  ", ": "),
            where=source,
            hint="Give the file of lifts that the results of a campaign were written to",
        ) from error
    names = [lift.segment for lift in lifts]
    if len(set(names)) < len(names):
        raise SourceError("a segment is listed twice", where=source)
    return tuple(lifts)
