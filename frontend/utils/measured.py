"""What uploaded files said about an experiment."""

from dataclasses import dataclass

from analysis.experiment_results import RunResults


@dataclass(frozen=True)
class Measured:
    """What customers did, and what that shows; no customer is in it.

    Args:
        found: Checks, lifts and words.
        complete: Whether the files list customers who did nothing.
        read: Rows of the files.
        customers: Customers in them.
        left_out: Rows that are no customer, by reason.
        money_known: Whether revenue was measured.
    """

    found: RunResults
    complete: bool
    read: int
    customers: int
    left_out: dict[str, int]
    money_known: bool

    @property
    def final(self) -> bool:
        """Whether nothing more can come, as far as that is known."""
        return self.found.days is None or self.found.days.final
