"""Which column of a table about outcomes holds what."""

from dataclasses import dataclass

from data_ingestion.formats.base import Field, Format
from retention.errors import OptionError

USUAL = {
    "customer": ("user_id", "customer_id", "customer", "external_id", "id", "email", "email_address"),
    "outcome": ("converted", "conversion", "outcome", "bought", "purchased"),
    "revenue": ("revenue", "spend", "spent", "amount"),
    "covariate": ("covariate", "revenue_before", "spent_before"),
}
"""Headers of a list that are found without being named, the first one that is there."""


@dataclass(frozen=True)
class OutcomeColumns:
    """Which column of a file holds what.

    With an arm they are those of a whole experiment: every column that is named is needed, and `""` means none. Without
    one they are those of a list of outcomes: `""` means that the usual headers are looked for.

    Args:
        arm: Label of the arm that the customer was assigned to.
        outcome: Whether the customer converted: 0 or 1, or yes or no.
        revenue: Money of the customer after the send.
        group: What to split the results by, known before the send.
        customer: The customer's identifier, or the e-mail address; an experiment without it has a customer a row.
        covariate: A number known before the send.
    """

    arm: str = ""
    outcome: str = ""
    revenue: str = ""
    group: str = ""
    customer: str = ""
    covariate: str = ""

    def __post_init__(self) -> None:
        names = [name for name in vars(self).values() if name]
        folded = [_folded(name) for name in names]
        twice = [name for name in names if folded.count(_folded(name)) > 1]
        if twice:
            raise OptionError(f"the column '{twice[0]}' is given two roles", hint="Each needs a column of its own")

    @property
    def named(self) -> bool:
        """Whether a person named any column."""
        return any(vars(self).values())

    def layout(self) -> Format:
        """Return the columns as a layout that the readers know."""
        headers: dict[str, tuple[str, ...]] = {role: (name,) for role, name in vars(self).items() if name}
        if not self.arm:
            taken = {_folded(name) for name in vars(self).values()}
            headers = {
                role: headers.get(role) or tuple(each for each in usual if each not in taken)
                for role, usual in USUAL.items()
            }
        needed = {role for role, name in vars(self).items() if name} | {"customer", "outcome"}
        fields = tuple(Field(role, spellings, required=role in needed) for role, spellings in headers.items())
        return Format("outcomes", "table of outcomes", fields, None, "customer")


def _folded(name: str) -> str:
    return name.strip().casefold()
