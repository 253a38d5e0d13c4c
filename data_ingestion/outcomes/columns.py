"""Which column of a table about outcomes holds what."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

from data_ingestion.formats.base import Field, Format, folded
from data_ingestion.formats.record_columns import GUARDRAILS
from data_ingestion.formats.words import SPELLINGS
from retention.customers.phone import HEADERS as PHONES
from retention.errors import OptionError, Setting

USUAL: dict[str, Sequence[str]] = {**SPELLINGS["headers"]["outcomes"]}
USUAL["customer"] = (*USUAL["customer"], *PHONES)
"""Headers of a list that are found without being named, the first one that is there."""

_MOST = f"Name at most {len(GUARDRAILS)}"


@dataclass(frozen=True)
class OutcomeColumns:
    """Which column of a file holds what.

    With an arm they are those of a whole experiment: every column that is named is needed, and `""` means none. Without
    one they are those of a list of outcomes: `""` means that the usual headers are looked for.

    Args:
        outcome: Whether the customer converted: 0 or 1, or yes or no.
        revenue: Money of the customer after the send.
        group: What to split the results by, known before the send.
        customer: The customer's identifier, e-mail address or phone number; without it a row of an experiment is one.
        covariate: A number known before the send.
        guardrails: Numbers, or 0 and 1, of what must not get worse.
    """

    arm: str = ""
    outcome: str = ""
    revenue: str = ""
    group: str = ""
    customer: str = ""
    covariate: str = ""
    guardrails: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.guardrails) > len(GUARDRAILS):
            raise OptionError(f"there are {len(self.guardrails)} guardrails", where=Setting.GUARDRAIL, hint=_MOST)
        names = list(self.roles().values())
        known = [folded(name) for name in names]
        twice = [name for name in names if known.count(folded(name)) > 1]
        if twice:
            raise OptionError(f"the column '{twice[0]}' is given two roles", hint="Each needs a column of its own")

    def roles(self) -> dict[str, str]:
        """Return the columns that were named, by role."""
        plain = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "guardrails"}
        named = plain | dict(zip(GUARDRAILS, self.guardrails, strict=False))
        return {role: name for role, name in named.items() if name}

    @property
    def named(self) -> bool:
        """Whether a person named any column."""
        return bool(self.roles())

    def layout(self) -> Format:
        """Return the columns as a layout that the readers know."""
        named = self.roles()
        headers: dict[str, tuple[str, ...]] = {role: (name,) for role, name in named.items()}
        if not self.arm:
            taken = {folded(name) for name in named.values()}
            headers |= {
                role: headers.get(role) or tuple(each for each in usual if each not in taken)
                for role, usual in USUAL.items()
            }
        needed = {*named, "customer", "outcome"}
        columns = tuple(Field(role, spellings, required=role in needed) for role, spellings in headers.items())
        return Format("outcomes", "table of outcomes", columns, None, "customer")
