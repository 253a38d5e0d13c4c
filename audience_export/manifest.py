"""The manifest of an export: its files, whom it leaves out and why, what was proved; no customer's values.

By it a later export knows which files of the folder are ours to replace.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from audience_export.layout import AudienceFile
from audience_export.lists import PeopleList
from audience_export.plan import AudiencePlan
from audience_export.reasons import REASONS, LeftOut
from audience_export.verification import Certificate
from outputs.ownership import ZEROS, Needed, Output, is_sealed, record_of, seal, stems, unchanged

MANIFEST = "manifest.json"
KIND = "audiences"
AUDIENCE_FILE = re.compile(r"[0-9]{2,}_[a-z0-9-]+(_[0-9]+-[a-z0-9-]+)?\.[a-z-]+(\.part-[0-9]+)?\.(csv|json)")


@dataclass(frozen=True)
class Audience:
    """The files of one segment, or of one arm of it; the arm is empty where one treatment, or none, is there."""

    segment: str
    arm: str
    customers: int
    files: tuple[AudienceFile, ...]


def manifest_json(plan: AudiencePlan, audiences: Sequence[Audience], certificate: Certificate) -> bytes:
    """Return `manifest.json`; equal exports give equal bytes."""
    content = _manifest(plan, audiences, certificate) | {"sha256": ZEROS}
    return seal(f"{json.dumps(content, indent=1, ensure_ascii=False)}\n")


def _manifest(plan: AudiencePlan, audiences: Sequence[Audience], certificate: Certificate) -> dict[str, Any]:
    run, totals = plan.run, plan.counts.sum(axis=0).tolist()
    reached = plan.reached_counts.sum(axis=0).tolist()
    return {
        "kind": KIND,
        "platform": plan.platform.name,
        "note": plan.platform.note,
        "window": {"start": str(run.window.start), "end": str(run.window.end), "timezone": run.window.timezone},
        "policy_hash": run.policy_hash,
        "input_hash": run.input_hash,
        "universe": sum(totals),
        "in_audiences": totals[0],
        "left_out": _left_out(totals),
        "reachable": sum(reached),
        "left_out_reachable": _left_out(reached),
        "reasons": {name: LeftOut(name).sentence for name in _left_out(totals)},
        "segments": list(_segments(plan)),
        "audiences": [asdict(audience) for audience in audiences],
        "consent": plan.consent,
        "experiment": _experiment(plan),
        "lists": _lists(plan),
        "unreadable": asdict(plan.unreadable),
        "phones_withheld": plan.withheld,
        "certificate": {
            "rows_read_back": certificate.rows,
            "complete": True,
            "disjoint": list(certificate.disjoint),
            "control_absent": certificate.control_absent,
        },
    }


def _segments(plan: AudiencePlan) -> Iterator[dict[str, Any]]:
    rows = zip(plan.run.segmentation.tree.segments, plan.counts.tolist(), plan.reached_counts.tolist(), strict=True)
    for segment, row, reached in rows:
        counts = {"size": sum(row), "reachable": sum(reached), "in_audiences": row[0]}
        yield {"segment": segment.name, **counts, "left_out": _left_out(row)}


def _left_out(row: Sequence[int]) -> dict[str, int]:
    """Return how many were left out for each reason; only a campaign that was limited has some who were not chosen."""
    counts = zip(REASONS, row[1:], strict=True)
    return {reason.value: count for reason, count in counts if count or reason is not LeftOut.NOT_CHOSEN}


def _experiment(plan: AudiencePlan) -> dict[str, Any] | None:
    experiment = plan.run.experiment
    if experiment is None:
        return None
    customers = {label: count for label, count in sorted(plan.compared.items()) if count}
    return {"name": experiment.name, "control": experiment.arms[0], "customers": customers}


def _lists(plan: AudiencePlan) -> dict[str, Any]:
    wanted = plan.wanted
    lately = wanted.contacted
    return {
        "agreed": None if wanted.agreed is None else _list(wanted.agreed),
        "unsubscribed": [_list(each) for each in wanted.unsubscribed],
        "rest_days": None if wanted.rested is None else wanted.rested.days,
        "contacted": None
        if lately is None
        else _list(lately.people) | {"days": lately.days, "today": str(lately.today)},
        "bought": [_list(each) for each in wanted.bought],
        "coupons": None if wanted.coupons is None else {"file": wanted.coupons.name, "rows": len(wanted.coupons.code)},
    }


def _list(people: PeopleList) -> dict[str, Any]:
    counts = {"rows": len(people.user_id)} | ({"repeated_headers": people.headers} if people.headers else {})
    return {"file": people.name, **counts}


def file_name(stem: str, platform: str, part: int, parts: int, suffix: str) -> str:
    """Return the name of a file, with the number of the part where there are several.

    >>> file_name("01_vip", "klaviyo", 1, 1, "csv"), file_name("01_vip", "klaviyo", 2, 10, "csv")
    ('01_vip.klaviyo.csv', '01_vip.klaviyo.part-02.csv')
    >>> file_name("01_vip", "csv", 1, 1, "csv")
    '01_vip.audience.csv'
    """
    kind = "audience" if platform == suffix else platform
    number = f".part-{part:0{len(str(parts))}}" if parts > 1 else ""
    return f"{stem}.{kind}{number}.{suffix}"


def audience_names(segments: Iterable[str], platform: str) -> Needed:
    """Return which paths an export takes of a run whose policy has these segments."""
    inside = re.compile(rf"{stems(segments)}\.(audience|{platform})\.(part-[0-9]+\.)?(csv|json)")
    return lambda name: name == MANIFEST or inside.fullmatch(name)


def _of_export(folder: Path) -> Set[str]:
    """Return the manifest of an earlier export and the files that it lists, as long as they are as it lists them."""
    manifest = record_of(folder / MANIFEST)
    try:
        files = [file for audience in manifest["audiences"] for file in audience["files"]]
        hashes = {file["file"]: file["sha256"] for file in files if AUDIENCE_FILE.fullmatch(file["file"])}
    except (LookupError, TypeError):
        return set()
    # Manifests had no hash of their own once.
    sound = manifest.get("kind") == KIND and ("sha256" not in manifest or is_sealed(folder / MANIFEST))
    return unchanged(folder, hashes) | ({MANIFEST} if sound else set())


AUDIENCES = Output("audiences", _of_export)
"""The files of an export; those of a run in the same folder are kept."""
