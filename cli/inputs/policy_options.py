"""The main command's options that replace what a policy says: sizes and weights."""

from pydantic import ValidationError

from cli.options.analyses import SegmentOptions
from retention.errors import OptionError, did_you_mean
from retention.policy.policy import Sizes, Weights
from retention.scores.measures import MEASURES

WEIGHT_NAMES = {name: each.weight for each in MEASURES.values() for name in (each.column.lower(), each.short)}
"""Other names of the weights: the columns of the scores, and short ones."""


def sizes_of(options: SegmentOptions, usual: Sizes, own: Sizes) -> Sizes | None:
    """Return the usual sizes with what was given instead, or None if that leaves the policy's own."""
    given = {
        "min_size": options.min_size,
        "max_size": options.max_size,
        "split_oversize": options.split_oversize or None,
    }
    changed = {name: value for name, value in given.items() if value is not None}
    try:
        sizes = Sizes.model_validate(usual.model_dump() | changed)
    except ValidationError as error:
        raise OptionError(
            _first_fault(error),
            where="--min_size or --max_size",
            hint="Use whole numbers from 1, the maximum not below the minimum",
        ) from error
    return None if sizes == own else sizes


def weights_of(text: str | None, usual: Weights | None, own: Weights) -> Weights | None:
    """Return the usual weights, or the policy's own, with those that the text names replaced; None for its own.

    >>> weights_of("lift=0, Conv_Pot=0.5", None, Weights()).model_dump(include={"lift", "conv_pot", "size"})
    {'conv_pot': 0.5, 'lift': 0.0, 'size': 0.15}
    """
    if text is None:
        return usual
    changed = dict(_weight(part) for part in text.split(",") if part.strip())
    try:
        return Weights.model_validate((usual or own).model_dump() | changed)
    except ValidationError as error:
        raise OptionError(_first_fault(error), where="--weights", hint="Use numbers from 0") from error


def _weight(part: str) -> tuple[str, float]:
    name, equals, number = part.partition("=")
    key = name.strip().lower().replace("-", "_")
    key = WEIGHT_NAMES.get(key, key)
    if key not in Weights.model_fields:
        raise OptionError(
            f"'{name.strip()}' is not a measure", where="--weights", hint=did_you_mean(key, Weights.model_fields)
        )
    try:
        return key, float(number if equals else "")
    except ValueError as error:
        raise OptionError(
            f"the weight of {key} is not a number", where="--weights", hint="Write --weights conv_pot=0.5,lift=0.2"
        ) from error


def _first_fault(error: ValidationError) -> str:
    fault = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(map(str, fault["loc"]))
    message = fault["msg"].removeprefix("Value error, ")
    return f"{place}: {message}" if place else message
