"""Everything of a run but its large tables, as one JSON file: exact, versioned, without a customer's data."""

import json
from dataclasses import replace
from typing import Literal, Self

import pandas as pd
from pydantic import Field, field_validator

from analysis import Accounting, Run
from analysis.headline import Overview
from data_ingestion import SourceFile
from outputs.durable import HashingWriter
from retention.customers.reach import Reach
from retention.errors import OptionError, PeriodError, RetentionError, WorkspaceError
from retention.experiment.arms import Experiment
from retention.partition.fitted import FittedTree
from retention.partition.profiles import Difference
from retention.partition.proof import Proof
from retention.partition.record import Record, TreeRecord, WhatIfRecord
from retention.partition.sizing import SizingStep
from retention.partition.what_if import WhatIf
from retention.period import Window
from retention.policy.policy import Assumptions, Weights
from retention.policy.yaml_text import policy_from_yaml, policy_hash, policy_to_yaml
from retention.scores.measured_lift import is_retired
from retention.scores.terms import NAMES, Scale
from run_store.small_files import VERSION, parsed
from run_store.tables import FrameRecord
from segment_scorer import Evidence

MAX_BYTES = 64 << 20
LONGEST_NAME = 200
AS_IN_RUN = ("weights", "proof", "sources", "warnings", "currency", "policy_hash", "input_hash", "experiment")
"""What stands in the record as it does in the run, whatever was erased since."""


class ScoresRecord(Record):
    """The scores table, which is small enough for text: its columns, and their values."""

    columns: FrameRecord
    values: dict[str, list[bool | int | float | str | None]]

    @classmethod
    def of(cls, table: pd.DataFrame) -> Self:
        """Return the record of a table; a missing number is null."""
        plain = {str(name): [None if pd.isna(v) else v for v in series.tolist()] for name, series in table.items()}
        return cls(columns=FrameRecord.of(table), values=plain)

    def table(self) -> pd.DataFrame:
        """Return the table that was saved.

        Raises:
            WorkspaceError: Columns and values do not belong together.
        """
        try:
            columns = {c.name: pd.Series(self.values[c.name], dtype=c.dtype).array for c in self.columns.columns}
            return pd.DataFrame(columns)
        except (KeyError, TypeError, ValueError) as error:
            raise WorkspaceError("the scores are not as they were saved") from error


class PeriodRecord(Record):
    """A run without its customers, quarantine and cubes."""

    format: Literal[1] = 1
    window: Window
    policy: str
    policy_hash: str
    input_hash: str
    currency: str
    weights: Weights
    score_weights: Weights
    assumptions: Assumptions
    accounting: Accounting
    sources: tuple[SourceFile, ...]
    warnings: tuple[str, ...]
    proof: Proof
    tree: TreeRecord
    sizing_log: tuple[SizingStep, ...]
    scale: Scale
    center: tuple[float, ...]
    what_if: WhatIfRecord
    what_if_center: tuple[float, ...]
    scores: ScoresRecord
    evidence: Evidence = Field(default_factory=Evidence)
    reach: Reach | None = None
    experiment: Experiment | None = None
    stories: tuple[tuple[Difference, ...], ...] | None = None
    overview: Overview | None = None
    customers: FrameRecord
    quarantine: FrameRecord

    @field_validator("evidence", mode="before")
    @classmethod
    def _counted(cls, evidence: object) -> object:
        # A period of an older program keeps lifts as rates; without their counts nothing can be worked out from them.
        if isinstance(evidence, dict) and isinstance(lifts := evidence.get("lifts"), list):
            return evidence | {"lifts": [each for each in lifts if not is_retired(each)]}
        return evidence

    @field_validator("center", "what_if_center")
    @classmethod
    def _one_for_each_term(cls, center: tuple[float, ...]) -> tuple[float, ...]:
        if len(center) != len(NAMES):
            raise ValueError(f"a center has {len(NAMES)} numbers")
        return center

    @classmethod
    def of(cls, run: Run, what_if: WhatIf) -> "PeriodRecord":
        """Return the record of a run."""
        segmentation, account = run.segmentation, run.accounting
        # Counts stay those of the whole universe; the catalog says how many of it were erased.
        whole = replace(account, universe=account.universe + account.erased, erased=0)
        return cls(
            **{name: getattr(run, name) for name in (*AS_IN_RUN, "window", "reach", "stories", "overview")},
            policy=policy_to_yaml(run.policy),
            score_weights=run.scores.weights,
            assumptions=run.scores.assumptions,
            accounting=whole,
            tree=TreeRecord.of(segmentation.tree),
            sizing_log=segmentation.sizing_log,
            scale=segmentation.scale,
            center=tuple(segmentation.cube.center.tolist()),
            what_if=WhatIfRecord.of(what_if),
            what_if_center=tuple(what_if.cube.center.tolist()),
            scores=ScoresRecord.of(run.scores.table),
            evidence=run.scores.evidence,
            customers=FrameRecord.of(segmentation.customers),
            quarantine=FrameRecord.of(run.quarantine),
        )

    def write(self, stream: HashingWriter) -> None:
        """Write the record as JSON; equal records give equal bytes."""
        plain = self.plain()
        # A set has no order of its own.
        plain["evidence"]["derived"].sort()
        plain["accounting"] = self.accounting.plain()
        stream.write(json.dumps(plain, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode())

    @classmethod
    def parse(cls, content: bytes, *, source: str) -> "PeriodRecord":
        """Return the record that bytes hold.

        Raises:
            WorkspaceError: They are not a period, or one of a newer program.
        """
        newer = f"the period has format {{}}, and this program knows formats up to {VERSION}"
        data = parsed(content, "the file is not a saved period", newer, source=source)
        try:
            return cls.read(data, source=source)
        except (RetentionError, RecursionError) as error:
            if isinstance(error, WorkspaceError):
                raise
            # The window of a file is nothing that a person sets.
            if isinstance(error, PeriodError):
                raise WorkspaceError(error.what, where=source) from error
            raise WorkspaceError("the file is not a whole saved period", where=source) from error

    def fitted_tree(self) -> FittedTree:
        """Return the fitted tree, its tables proven.

        Raises:
            InputError: The tree is not as it was saved, or the policy is not the one that its hash says.
        """
        policy = policy_from_yaml(self.policy, source="the period's policy")
        if policy_hash(policy) != self.policy_hash:
            raise WorkspaceError("the policy of the saved period is not the one that was used")
        return self.tree.tree(policy)


def checked_name(name: str) -> str:
    """Return a period's name without outer blanks.

    Raises:
        OptionError: It is empty, too long, or holds control characters.
    """
    title = name.strip()
    if not title or len(title) > LONGEST_NAME or not title.isprintable():
        raise OptionError(
            f"a saved period needs a name of 1 to {LONGEST_NAME} printable characters", hint="Choose another name"
        )
    return title
