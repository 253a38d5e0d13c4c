"""What came of earlier weeks: results out of new orders, and lifts where a send is recorded and its days are over."""

from collections.abc import Sequence
from datetime import date

from analysis import Run
from analysis.experiment_results import RunResults, campaign_results, measured_lifts
from analysis.outcomes import Outcomes, outcomes_after, outcomes_of_files
from data_ingestion import Intake
from data_ingestion.outcomes.columns import OutcomeColumns
from retention.errors import InputError
from retention.experiment.guardrails import parse_guardrail
from retention.period import zone
from run_store import ResultsIn, RunSummary
from weekly.monday import Monday


def sent_weeks(monday: Monday) -> list[RunSummary]:
    """Return the weeks that can be measured: held out, sent with known files, and their customers still there."""
    return [
        each for each in monday.weeks.listed() if each.week.held_out and each.sent and each.week.manifests and each.rows
    ]


def learn(monday: Monday, intake: Intake) -> None:
    """Fill in the results of the weeks whose outcome days were not over, and learn from those that now are."""
    for week in sent_weeks(monday):
        if week.week.results is None or not week.week.results.final:
            try:
                results = _measured(monday, intake, [week])
            except InputError as error:
                # Orders of after the send may be missing yet; the message names no customer.
                monday.log(f"{week.window.start}: no results ({error.what})")
                continue
            monday.weeks.results_in([week.id], ResultsIn.of(results, _today(monday)))
            monday.log(f"{week.window.start}: results in, {results.found} customers found")
    final = [
        each for each in sent_weeks(monday) if each.week.results and each.week.results.final and not each.week.undone
    ]
    for name in {each.week.held_out.experiment for each in final if each.week.held_out}:
        _learn(monday, intake, [each for each in final if each.week.held_out and each.week.held_out.experiment == name])


def _learn(monday: Monday, intake: Intake, weeks: Sequence[RunSummary]) -> None:
    if all(each.week.learnt for each in weeks):
        return
    try:
        lifts = measured_lifts(_measured(monday, intake, weeks), _today(monday))
    except InputError as error:
        monday.log(f"{weeks[0].window.start}: nothing learnt ({error.what})")
        return
    # The oldest first, as the last one holds what is undone first.
    monday.weeks.learn([each.id for each in reversed(weeks)], lifts, _today(monday))
    monday.log(f"{weeks[0].window.start}: learnt, {len(lifts)} segments out of {len(weeks)} weeks")


def _measured(monday: Monday, intake: Intake, weeks: Sequence[RunSummary]) -> RunResults:
    """Return the results of some weeks of one experiment together."""
    guardrails = [parse_guardrail(text) for text in monday.shop.orders.guardrails]
    runs = [(monday.weeks.campaign_run(each.id), each) for each in weeks]
    return campaign_results([(run, _outcomes(monday, intake, run, each)) for run, each in runs], guardrails=guardrails)


def _outcomes(monday: Monday, intake: Intake, run: Run, week: RunSummary) -> Outcomes:
    files, sent = monday.shop.orders.files, week.sent
    if not files and sent is not None:
        return outcomes_after(intake, sent, run.window.timezone, monday.now)
    names = tuple(parse_guardrail(text).name for text in monday.shop.orders.guardrails)
    paths, columns = monday.shop.paths(files), OutcomeColumns(guardrails=names)
    return outcomes_of_files(paths, run, columns=columns, sent=sent, reading=monday.reading, now=monday.now)


def _today(monday: Monday) -> date:
    return monday.now.astimezone(zone(monday.reading.timezone)).date()
