"""The manifest: what an export holds, whom it leaves out and why, and what was proved; no customer's values."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from audience_export.place import KIND
from audience_export.plan import REASONS, AudiencePlan
from audience_export.verification import Certificate


@dataclass(frozen=True)
class AudienceFile:
    """A written file: its name, records, bytes and SHA-256."""

    file: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Audience:
    """The files of one segment, or of one arm of it.

    Args:
        segment: Name of the segment.
        arm: Label of the arm; empty where there is one treatment, or no experiment.
        customers: Customers in the files.
        files: Its files, in order.
    """

    segment: str
    arm: str
    customers: int
    files: tuple[AudienceFile, ...]


def manifest_json(plan: AudiencePlan, audiences: Sequence[Audience], certificate: Certificate) -> bytes:
    """Return `manifest.json`; equal exports give equal bytes."""
    return f"{json.dumps(_manifest(plan, audiences, certificate), indent=1, ensure_ascii=False)}\n".encode()


def _manifest(plan: AudiencePlan, audiences: Sequence[Audience], certificate: Certificate) -> dict[str, Any]:
    run, totals = plan.run, plan.counts.sum(axis=0).tolist()
    return {
        "kind": KIND,
        "platform": plan.platform.name,
        "note": plan.platform.note,
        "window": {"start": str(run.window.start), "end": str(run.window.end), "timezone": run.window.timezone},
        "policy_hash": run.policy_hash,
        "input_hash": run.input_hash,
        "universe": len(plan.people),
        "in_audiences": totals[0],
        "left_out": _left_out(totals),
        "reasons": {reason.value: reason.sentence for reason in REASONS},
        "segments": [
            {"segment": segment.name, "size": sum(row), "in_audiences": row[0], "left_out": _left_out(row)}
            for segment, row in zip(run.segmentation.tree.segments, plan.counts.tolist(), strict=True)
        ],
        "audiences": [asdict(audience) for audience in audiences],
        "consent": plan.consent.source,
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


def _left_out(row: Sequence[int]) -> dict[str, int]:
    return {reason.value: count for reason, count in zip(REASONS, row[1:], strict=True)}


def _experiment(plan: AudiencePlan) -> dict[str, Any] | None:
    arms = plan.arms
    if arms is None:
        return None
    counts = arms.labels.value_counts().sort_index()
    customers = {str(label): int(count) for label, count in counts.items()}
    return {"name": arms.experiment, "control": arms.control, "customers": customers}


def _lists(plan: AudiencePlan) -> dict[str, Any]:
    """Return the names and sizes of the lists that were used."""
    wanted = plan.wanted
    lately = wanted.contacted
    return {
        "agreed": None if wanted.agreed is None else _list(wanted.agreed.name, len(wanted.agreed.user_id)),
        "unsubscribed": [_list(each.name, len(each.user_id)) for each in wanted.unsubscribed],
        "contacted": None
        if lately is None
        else _list(lately.people.name, len(lately.people.user_id)) | {"days": lately.days, "today": str(lately.today)},
        "bought": [_list(each.name, len(each.user_id)) for each in wanted.bought],
        "coupons": None if wanted.coupons is None else _list(wanted.coupons.name, len(wanted.coupons.code)),
    }


def _list(name: str, rows: int) -> dict[str, Any]:
    return {"file": name, "rows": rows}
