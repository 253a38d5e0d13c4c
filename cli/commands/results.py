"""The command results: what the customers of a saved period did after the send, as lift per segment."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from analysis import Run
from analysis.experiment_results import RunResults, campaign_results, costs_of, measured_lifts
from analysis.lift_forward import changes
from analysis.outcome_days import OutcomeDays, Sent
from analysis.outcomes import Outcomes, outcomes_of_files
from cli.inputs.experiments import given_costs, is_lifts, lifts_of
from cli.inputs.outcomes import asked_send, columns_of, send_of
from cli.inputs.places import period_named, workspace_at
from cli.inputs.read_options import read_options
from cli.options.experiments import ResultsOptions
from cli.shown.console import finite, json_text, listed, read_words, say
from cli.shown.files import check_there, write_at
from cli.shown.lift import change_lines, results_content, results_lines
from outputs.ownership import check_file
from retention.errors import OptionError
from retention.experiment.guardrails import parse_guardrail
from retention.period import zone
from retention.scores.measured_lift import lifts_to_json, with_measured
from retention.wording import counted
from run_store import Learnt, ResultsIn, RunSummary, Weeks


def results_command(options: ResultsOptions, started: datetime) -> None:
    """Print what the experiment of a saved period showed, and write the lifts for the next analysis.

    Raises:
        InputError: The period, a file or an option cannot be used; no file was written.
    """
    guardrails = [parse_guardrail(text) for text in options.guardrail or ()]
    names = tuple(each.name for each in guardrails)
    columns = replace(columns_of(options.after), covariate=options.covariate or "", guardrails=names)
    sent_day, lifts, workspace = asked_send(options.after), options.lifts, workspace_at(options.workspace)
    reading, weeks = read_options(options.reading, workspace.preferences()), Weeks(workspace)
    _check_files(options)
    periods = _periods(options, weeks)
    runs, ids = [run for _, run, _ in periods], [each.id for each, _, _ in periods]
    outcomes = [
        outcomes_of_files(options.files, run, columns=columns, sent=sent, reading=reading, now=started)
        for _, run, sent in periods
    ]
    together = list(zip(runs, outcomes, strict=True))
    costs = replace(costs_of(runs[0]), **given_costs(options))
    campaign = campaign_results(together, costs=costs, cap=options.cap, guardrails=guardrails)
    day = started.astimezone(zone(runs[0].window.timezone)).date()
    if sent_day is not None and periods[0][0].sent != sent_day:
        weeks.sent(ids[0], sent_day)
    weeks.results_in(ids, ResultsIn.of(campaign, day))
    as_json = options.shown == "json"
    content: dict[str, Any] = _content(runs, outcomes[0], campaign) if as_json else {}
    text = [] if as_json else list(_lines(runs, outcomes[0], campaign))
    if lifts is not None:
        kept = lifts_of(lifts) if is_lifts(lifts) else ()
        measured = measured_lifts(campaign, day, treatment=options.treatment)
        workspace.note("learnt", len(measured), "measured lifts")
        write_at("--lifts", lifts, lifts_to_json(with_measured(kept, measured)))
        before = tuple(each for each in kept if each.experiment == campaign.experiment)
        weeks.learnt(ids, Learnt(on=day, added=measured, replaced=before, where=str(lifts)))
        changed = changes(runs[0], kept, measured)
        content["changes"] = changed.to_dict("records")
        text += ["", *change_lines(changed, runs[0].currency), ""]
        text.append(
            f"The counts are in {lifts}; the next analysis takes them with --lifts {lifts}. "
            f'To undo it: python main.py measured {lifts} --forget "{campaign.experiment}"'
        )
    say(json_text(content) if as_json else "\n".join(text))


def _periods(options: ResultsOptions, weeks: Weeks) -> list[tuple[RunSummary, Run, Sent | None]]:
    if options.also and options.after.sent is not None:
        raise OptionError(
            "--sent is one day, and several periods have several",
            hint="Keep the day of each with: runs sent RUN DATE",
        )
    periods = list[tuple[RunSummary, Run, Sent | None]]()
    for name in dict.fromkeys([options.run, *options.also]):
        period = period_named(weeks.workspace, name)
        run = weeks.campaign_run(period.id)
        if run.experiment is None:
            raise OptionError(
                "the period has no experiment",
                hint="Results need customers who were held out before the send: "
                "holdout RUN --experiment NAME --save NAME",
            )
        periods.append((period, run, send_of(options.after, period)))
    return periods


def _check_files(options: ResultsOptions) -> None:
    for file in options.files:
        check_there(file, str(file))
    if options.lifts is not None:
        own, overwrite = is_lifts, options.placing.overwrite
        place = check_file("--lifts", options.lifts, own, inputs=options.files, overwrite=overwrite)
        if not place.parent.is_dir():
            raise OptionError("there is no such folder", where=f"--lifts {options.lifts}", hint="Make the folder first")
    elif options.treatment is not None:
        raise OptionError("--treatment says whose lifts are written", hint="Add --lifts FILE")


def _rows(outcomes: Outcomes, campaign: RunResults) -> dict[str, int]:
    return {
        "read": outcomes.read,
        "customers": campaign.found + campaign.foreign,
        "matched": campaign.found,
        "foreign": campaign.foreign,
        "unknown": campaign.unknown,
        "universe": campaign.universe,
        "counted": campaign.people,
        "again": campaign.again,
    }


def _rule(outcomes: Outcomes) -> str:
    if outcomes.complete:
        return "The list names customers who did not convert, so anyone not in it is unknown and left out."
    return "The list names only customers who converted, so anyone not in it counts as having done nothing."


def _days(days: OutcomeDays | None) -> dict[str, Any] | None:
    if days is None:
        return None
    facts = {"sent": str(days.sent.day), "days": days.sent.days, "over": days.over, "share": days.share}
    return {**facts, "last": str(days.last), "final": days.final, "words": days.words}


def _dates(run: Run) -> str:
    return f"{run.window.start} to {run.window.end} ({run.window.timezone})"


def _content(runs: Sequence[Run], outcomes: Outcomes, campaign: RunResults) -> dict[str, Any]:
    results = campaign.results
    return {
        "window": _dates(runs[0]),
        "windows": [_dates(run) for run in runs],
        "experiment": campaign.experiment,
        "control": results.arms[0],
        "treatments": list(results.arms[1:]),
        "rows": {**_rows(outcomes, campaign), "left_out": dict(outcomes.left_out)},
        "complete": outcomes.complete,
        "rule": _rule(outcomes),
        "outcome_days": _days(campaign.days),
        **results_content(results),
        "policies": finite([asdict(each) | {"words": each.words} for each in campaign.policies]),
    }


def _lines(runs: Sequence[Run], outcomes: Outcomes, campaign: RunResults) -> Iterator[str]:
    rows, results = _rows(outcomes, campaign), campaign.results
    yield f"Experiment {campaign.experiment}, {', '.join(str(run.window) for run in runs)}"
    if outcomes.complete or "unknown" in outcomes.customers:
        yield read_words(rows["read"], rows["customers"], outcomes.left_out)
    else:
        yield f"{counted(rows['read'], 'row')} read, {counted(rows['customers'], 'customer')} ordered in time"
    yield f"{counted(rows['customers'], 'customer')} = {rows['matched']:,} of the period + {rows['foreign']:,} others"
    yield f"{_rule(outcomes)} {rows['unknown']:,} of {rows['universe']:,} customers are left out for that."
    if len(runs) > 1:
        yield (
            f"{rows['counted']:,} customers who could be reached count once each, in the first period that has them; "
            f"{rows['again']:,} times one of them appears again."
        )
    days = campaign.days
    yield from [] if days is None else [days.words]
    yield ""
    money_known = "revenue" in outcomes.customers and (days is None or days.final)
    yield from results_lines(results, by="segment", money_known=money_known)
    yield from listed("Worth of a choice of segments", [f"{each.arm}: {each.words}" for each in campaign.policies])
    yield from listed("Please note", list(results.warnings))
