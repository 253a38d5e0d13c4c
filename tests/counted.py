"""What experiments counted, for tests: conversions of customers, contacted and held out."""

from datetime import date

from retention.scores.measured_lift import MeasuredLift

DAY = date(2025, 9, 30)


def counted(
    segment: str,
    treated: tuple[int, int],
    control: tuple[int, int],
    *,
    experiment: str = "autumn",
    measured_on: date = DAY,
) -> MeasuredLift:
    """Return the counts of a segment: conversions and customers of the treatment and of the control."""
    return MeasuredLift(
        segment=segment,
        converted=treated[0],
        customers=treated[1],
        control_converted=control[0],
        control_customers=control[1],
        experiment=experiment,
        treatment="mail",
        measured_on=measured_on,
    )
