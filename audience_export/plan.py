"""Who is in the audiences and who is left out, with a reason; nothing is written here."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from analysis import Run
from analysis.choice import ConsentSource
from audience_export.consent import bought, consent_of, contacted, listed
from audience_export.coupons import Coupons, hand_out
from audience_export.lists import PeopleList
from audience_export.people import People, Unreadable, people_of
from audience_export.platform import Platform
from audience_export.platforms import platform_named
from audience_export.reasons import REASONS, LeftOut
from audience_export.shared_ids import Mask, Reasons, give, has, settled
from data_ingestion import Spool
from outputs import Profile
from retention.customers.normalise import TEXT, mailboxes, text_column
from retention.customers.phone import checked_region
from retention.customers.reach import is_recovered, unreached
from retention.errors import OptionError, Setting, ensure
from retention.partition.cube import Integers

SPILL = 128 << 20
"""Bytes from which on the engine beside an export spills."""


@dataclass(frozen=True, eq=False)
class Contacted:
    """Who was contacted when, and for how many days they are left alone before `today`."""

    people: PeopleList
    days: int
    today: date


@dataclass(frozen=True, eq=False)
class AudienceRequest:
    """What an export is asked for.

    Args:
        assume_consent: Whether to take it that everybody agreed, where nothing says who did.
        agreed: The list of those who agreed.
        unsubscribed: Lists of those who must not be contacted.
        contacted: Who was contacted lately.
        rested: Who was contacted by the campaigns of saved periods.
        region: ISO 3166 code by which national phone numbers without a country are read.
        profile: How text is written in files for people.
        limit: Bytes a file may have instead of the platform's limit.
    """

    platform: str
    assume_consent: bool = False
    agreed: PeopleList | None = None
    unsubscribed: tuple[PeopleList, ...] = ()
    contacted: Contacted | None = None
    rested: Contacted | None = None
    bought: tuple[PeopleList, ...] = ()
    coupons: Coupons | None = None
    region: str = ""
    profile: Profile = "machine"
    limit: int | None = None

    @property
    def notices(self) -> tuple[str, ...]:
        """What a person should know of the lists."""
        lists = (
            self.agreed,
            *self.unsubscribed,
            None if self.contacted is None else self.contacted.people,
            *self.bought,
        )
        return tuple(notice for each in lists if each is not None for notice in each.notices)


class PlannedPart(NamedTuple):
    """Some customers, as files hold them, with their run and their reasons."""

    run: Run
    people: People
    reasons: Reasons


@dataclass(frozen=True, eq=False)
class AudiencePlan:
    """Every customer of the universe, in one audience or left out for one reason; one or two bytes of each are held.

    Args:
        reasons: Place in `REASONS` plus 1 of why a customer is left out, 0 of those who are not, shape (customers,).
        bare: Who goes without a lesser identifier because another customer has it, by its name, shape (customers,).
        told: `count` of the customers by `segment`, `arm`, `reached`, `reason` (0: in an audience), `bare` (who goes
            without a lesser identifier), and by which of the platform's identifiers are known.
        unreadable: Texts that could not be read.
        codes: The coupon codes of those in audiences, in the order of the customers; None: there are none.
    """

    run: Run
    wanted: AudienceRequest
    platform: Platform
    reasons: Reasons
    bare: dict[str, Mask]
    told: pd.DataFrame
    consent: ConsentSource
    unreadable: Unreadable
    codes: pa.Array | None

    @property
    def kept(self) -> Mask:
        """Who is in an audience, shape (customers,)."""
        return np.equal(self.reasons, 0)

    @cached_property
    def counts(self) -> Integers:
        """Customers per segment: in audiences, then left out by each reason; shape (segments, 1 + reasons)."""
        table = self._counted(self.told)
        ensure(int(table.sum()) == len(self.reasons), "audiences + left out = universe")
        ensure(tuple(table.sum(axis=1).tolist()) == self.run.segmentation.sizes, "each segment = audience + left out")
        return table

    @cached_property
    def reached_counts(self) -> Integers:
        """The same of those who can be reached: they are in audiences, or left out for a reason of this export."""
        table = self._counted(self.told[self.told["reached"]])
        ensure(bool((table[:, 0] == self.counts[:, 0]).all()), "whoever is in an audience can be reached")
        return table

    def _counted(self, rows: pd.DataFrame) -> Integers:
        table = np.zeros((len(self.run.segmentation.tree.segments), 1 + len(REASONS)), dtype=np.int64)
        np.add.at(table, (rows["segment"].to_numpy(np.intp), rows["reason"].to_numpy(np.intp)), rows["count"])
        return table

    @property
    def withheld(self) -> int:
        """Customers in audiences whose phone number is left out because another customer has the same."""
        return int(self.told.loc[self.told["bare"] & (self.told["reason"] == 0), "count"].sum())

    @property
    def compared(self) -> dict[str, int]:
        """Customers who could be reached without the experiment, by arm, as plans and designs count them."""
        rows = self.told[self.told["reached"] | (self.told["reason"] == 1 + REASONS.index(LeftOut.CONTROL))]
        return {label: int(rows.loc[rows["arm"] == arm, "count"].sum()) for arm, label in enumerate(self.arms)}

    @property
    def arms(self) -> tuple[str, ...]:
        """Labels of the arms in order; one without a name where there is no experiment."""
        return ("",) if self.run.experiment is None else self.run.experiment.arms

    @cached_property
    def treatments(self) -> tuple[str, ...]:
        """Labels of the arms that somebody is contacted in, in order; none without an experiment."""
        return tuple(sorted({self.arms[arm] for arm in self.told["arm"] if arm > 0}))

    @cached_property
    def optional(self) -> frozenset[str]:
        """What optional columns the files have."""
        arm = "arm" if len(self.treatments) > 1 else ""
        wave = "wave" if max(self.run.segmentation.wave_counts) > 1 else ""
        return frozenset({arm, wave, "coupon" if self.wanted.coupons else ""})

    def parts(self) -> Iterator[PlannedPart]:
        """Yield the customers part by part."""
        waves, start, given = self.run.segmentation.wave_counts, 0, 0
        for run in self.run.in_parts():
            people, _ = people_of(run, self.wanted.region, waves)
            span = slice(start, start := start + len(people))
            reasons = self.reasons[span]
            kept = reasons == 0
            for name, who in self.bare.items():
                people = replace(people, **{name: pc.if_else(pa.array(who[span]), None, getattr(people, name))})
            if len(self.treatments) > 1:
                labels = pd.DataFrame({"arm": pd.Series(run.arms).astype("str")})
                people = replace(people, arm=text_column(labels, "arm"))
            if self.codes is not None:
                places = pa.array(given + np.cumsum(kept) - 1, mask=~kept)
                people, given = replace(people, coupon=self.codes.take(places)), given + int(kept.sum())
            yield PlannedPart(run, people, reasons)
        ensure(start == len(self.reasons), "customers stay where they are")


def plan_audiences(run: Run, wanted: AudienceRequest) -> AudiencePlan:
    """Return who is in the audiences and who is left out, and why.

    Args:
        run: The analysis; columns of its customers used: `email_consent`, `recovered`, `email`, `phone`,
            names, `country`, `zip`.
        wanted: What is asked for.

    Raises:
        InputError: There is no such platform, nothing says who agreed, a list cannot answer, or the coupon
            codes are too few.
    """
    platform = platform_named(wanted.platform)
    if wanted.coupons is not None and not platform.coupons:
        raise OptionError(f"{platform.title} takes no coupon codes", where=Setting.COUPONS, hint="Leave them out")
    wanted = replace(wanted, region=checked_region(wanted.region))
    with TemporaryDirectory(prefix="audiences-") as folder:
        spool = Spool(Path(folder), SPILL)
        judged, unreadable, agreed = spool.frames(), Unreadable(), wanted.agreed and wanted.agreed.agreed()
        for part in run.in_parts():
            people, lost = people_of(part, wanted.region, run.segmentation.wave_counts)
            frame, consent = _judged(part, people, replace(wanted, agreed=agreed), platform)
            judged.append(frame)
            unreadable += lost
        reasons, bare = settled(judged, platform, spool)
        tallies, some, start = list[pd.DataFrame](), list[pd.DataFrame](), 0
        for frame in judged:
            span = slice(start, start := start + len(frame))
            tallies.append(_counted(frame, reasons[span], {name: who[span] for name, who in bare.items()}, platform))
            if wanted.coupons is not None:
                some.append(frame.loc[reasons[span] == 0, ["user_id", "segment"]])
    codes = None if wanted.coupons is None else _handed_out(wanted.coupons, pd.concat(some), run)
    return AudiencePlan(run, wanted, platform, reasons, bare, pd.concat(tallies), consent, unreadable, codes)


def _judged(
    run: Run, people: People, wanted: AudienceRequest, platform: Platform
) -> tuple[pd.DataFrame, ConsentSource]:
    """Return what is known of the customers of a part without looking at others, and what tells who agreed."""
    customers = run.segmentation.customers
    unread = [header for source in run.sources for header in source.ignored]
    consent = consent_of(customers, people, wanted.agreed, assume=wanted.assume_consent, unread=unread)
    # Whom the run holds out, no export may contact.
    arms = np.ones(len(people), dtype=np.int8) if run.arms is None else np.asarray(run.arms.codes)
    control = np.equal(arms, 0)
    reached, lists = unreached(customers, control), _on_lists(people, wanted)
    # These hold for the person, and so for every customer with the same identifier. Of consent only a stated no does:
    # silence about one of two customers takes nothing from the consent of the other.
    reasons = reached.copy()
    # Who was not chosen because nothing says that they agreed has that reason.
    reasons[np.equal(reasons, REASONS.index(LeftOut.NOT_CHOSEN) + 1) & ~consent.given] = 0
    alone = [np.equal(reached, REASONS.index(each) + 1) for each in (LeftOut.UNSUBSCRIBED, LeftOut.CONTACTED)]
    blocked = _any(consent.refused | is_recovered(customers) | control, [*lists.values(), *alone])
    for reason, who in {LeftOut.NO_CONSENT: ~consent.given, **lists}.items():
        give(reasons, reason, who)
    known = {"user_id": people.user_id, "email": mailboxes(people.email), "phone": people.phone}
    give(reasons, LeftOut.NO_IDENTIFIER, ~has(known, platform.needs))
    contacts = {name: pd.Series(texts.to_pandas(), dtype="str") for name, texts in known.items()}
    where = {"segment": run.segmentation.codes, "arm": arms if run.arms is not None else 0}
    frame = pd.DataFrame({**contacts, **where, "reached": reached == 0, "blocked": blocked, "reason": reasons})
    return frame, consent.source


def _counted(judged: pd.DataFrame, reasons: Reasons, bare: dict[str, Mask], platform: Platform) -> pd.DataFrame:
    """Return how many customers of a part are alike, as `AudiencePlan.told`."""
    known = {
        name: judged[name].notna() & np.logical_not(bare.get(name, False))
        for name in (*platform.keys, *platform.lesser)
    }
    without = np.logical_or.reduce(list(bare.values()))
    rows = judged[["segment", "arm", "reached"]].assign(reason=reasons, bare=without, **known)
    return rows.value_counts().reset_index()


def _on_lists(people: People, wanted: AudienceRequest) -> dict[LeftOut, Mask]:
    """Return whom the lists leave out, by reason in the order of the reasons."""
    none = np.zeros(len(people), dtype=np.bool_)
    lately = [each for each in (wanted.contacted, wanted.rested) if each is not None]
    return {
        LeftOut.UNSUBSCRIBED: _any(none, [listed(people, each.refused()) for each in wanted.unsubscribed]),
        LeftOut.CONTACTED: _any(
            none, [contacted(people, each.people, days=each.days, today=each.today) for each in lately]
        ),
        LeftOut.BOUGHT: _any(none, [bought(people, each) for each in wanted.bought]),
    }


def _any(first: Mask, rest: list[Mask]) -> Mask:
    return np.asarray(np.logical_or.reduce([first, *rest]), dtype=np.bool_)


def _handed_out(coupons: Coupons, some: pd.DataFrame, run: Run) -> pa.Array:
    """Return the code of each customer in an audience."""
    names = run.segmentation.tree.names
    segments = pa.array(names, TEXT).take(pa.array(some["segment"].to_numpy()))
    return hand_out(coupons, text_column(some, "user_id"), segments, names)
