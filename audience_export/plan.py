"""Who is in the audiences and who is left out, with a reason; nothing is written here."""

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from analysis import Run
from audience_export.consent import Consent, bought, consent_of, contacted, listed
from audience_export.coupons import Coupons, hand_out
from audience_export.lists import PeopleList
from audience_export.people import People, Unreadable, people_of
from audience_export.platform import Platform
from audience_export.platforms import platform_named
from audience_export.reasons import LeftOut
from outputs import Profile
from retention.customers.normalise import mailboxes, text_column
from retention.customers.phone import checked_region
from retention.customers.reach import is_recovered, unreached
from retention.errors import OptionError, Setting, ensure

Mask = npt.NDArray[np.bool_]
Reasons = npt.NDArray[np.uint8]
Codes = npt.NDArray[np.int64]
REASONS = tuple(LeftOut)


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


@dataclass(frozen=True, eq=False)
class AudiencePlan:
    """Every customer of the universe, in one audience or left out for one reason.

    Args:
        reasons: Place in `REASONS` plus 1 of why a customer is left out, 0 of those who are not, shape (customers,).
        reached: Who can be reached, as every plan and score counts people, shape (customers,).
        unreadable: Texts that could not be read.
        withheld: Customers in audiences whose phone number is left out because another customer has the same.
    """

    run: Run
    wanted: AudienceRequest
    platform: Platform
    people: People
    reasons: Reasons
    reached: Mask
    consent: Consent
    unreadable: Unreadable
    withheld: int

    @cached_property
    def kept(self) -> Mask:
        """Who is in an audience, shape (customers,)."""
        return np.equal(self.reasons, 0)

    @cached_property
    def counts(self) -> npt.NDArray[np.int64]:
        """Customers per segment: in audiences, then left out by each reason; shape (segments, 1 + reasons)."""
        table = self._counted(np.ones(len(self.people), dtype=np.bool_))
        ensure(int(table.sum()) == len(self.people), "audiences + left out = universe")
        ensure(tuple(table.sum(axis=1).tolist()) == self.run.segmentation.sizes, "each segment = audience + left out")
        return table

    @cached_property
    def reached_counts(self) -> npt.NDArray[np.int64]:
        """The same of those who can be reached: they are in audiences, or left out for a reason of this export."""
        table = self._counted(self.reached)
        ensure(bool((table[:, 0] == self.counts[:, 0]).all()), "whoever is in an audience can be reached")
        return table

    def _counted(self, who: Mask) -> npt.NDArray[np.int64]:
        width, segments = 1 + len(REASONS), len(self.run.segmentation.tree.segments)
        cells = self.run.segmentation.codes[who].astype(np.int64) * width + self.reasons[who]
        return np.bincount(cells, minlength=segments * width).reshape(segments, width)

    @property
    def treatments(self) -> tuple[str, ...]:
        """Labels of the arms that are contacted, in order; none without an experiment."""
        return _treatments(self.run)

    @cached_property
    def optional(self) -> frozenset[str]:
        """What optional columns the files have."""
        arm = "arm" if len(self.treatments) > 1 else ""
        wave = "wave" if max(self.run.segmentation.wave_counts) > 1 else ""
        return frozenset({arm, wave, "coupon" if self.wanted.coupons else ""})


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
    people, unreadable = people_of(run, checked_region(wanted.region))
    customers = run.segmentation.customers
    if len(_treatments(run)) > 1:
        labels = pd.DataFrame({"arm": pd.Series(run.arms).astype("str")})
        people = replace(people, arm=text_column(labels, "arm"))
    unread = [header for source in run.sources for header in source.ignored]
    consent = consent_of(customers, people, wanted.agreed, assume=wanted.assume_consent, unread=unread)
    # Whom the run holds out, no export may contact.
    control = None if run.arms is None else np.equal(run.arms.codes, 0)
    reached, lists = unreached(customers, control), _on_lists(people, wanted)
    # These hold for the person, and so for every customer with the same identifier. Of consent only a stated no does:
    # silence about one of two customers takes nothing from the consent of the other.
    reasons = reached.copy()
    # Who was not chosen because nothing says that they agreed has that reason.
    reasons[np.equal(reasons, REASONS.index(LeftOut.NOT_CHOSEN) + 1) & ~consent.given] = 0
    alone = [np.equal(reached, REASONS.index(each) + 1) for each in (LeftOut.UNSUBSCRIBED, LeftOut.CONTACTED)]
    blocked = _any(consent.refused | is_recovered(customers), [*lists.values(), *alone])
    blocked = blocked if control is None else blocked | control
    for reason, who in {LeftOut.NO_CONSENT: ~consent.given, **lists}.items():
        _give(reasons, reason, who)
    people, reasons, withheld = _one_each(people, reasons, blocked, platform)
    if wanted.coupons is not None:
        people = replace(people, coupon=_handed_out(wanted.coupons, people, reasons, run))
    return AudiencePlan(run, wanted, platform, people, reasons, np.equal(reached, 0), consent, unreadable, withheld)


def _treatments(run: Run) -> tuple[str, ...]:
    if run.experiment is None or run.arms is None:
        return ()
    return tuple(sorted(set(run.arms.unique()) - {run.experiment.arms[0]}))


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


def _give(reasons: Reasons, reason: LeftOut, who: Mask) -> None:
    reasons[who & (reasons == 0)] = REASONS.index(reason) + 1


def _one_each(people: People, reasons: Reasons, blocked: Mask, platform: Platform) -> tuple[People, Reasons, int]:
    """Give every identifier to one customer at most, and to none if it is that of a blocked one.

    Returns:
        The customers, those who share a lesser identifier without it; the reasons, completed; how many of the
        customers in audiences went without.
    """
    reasons = reasons.copy()
    _give(reasons, LeftOut.NO_IDENTIFIER, ~_has(people, platform.needs))
    for name in platform.keys:
        key = getattr(people, name)
        codes = _codes_of(mailboxes(key) if name == "email" else key)
        _give(reasons, LeftOut.SHARED_IDENTIFIER, _sharing(codes, blocked))
        _give(reasons, LeftOut.DUPLICATE_IDENTIFIER, _repeated(people.user_id, codes, reasons == 0))
    without = np.zeros(len(people), dtype=np.bool_)
    # A phone may be a family's, so whoever shares one loses the number alone, and is left out only where the platform
    # has nothing else to know them by.
    for name in platform.lesser:
        codes = _codes_of(getattr(people, name))
        shared = _sharing(codes, blocked) & (reasons == 0)
        again = _repeated(people.user_id, codes, (reasons == 0) & ~shared)
        people = replace(people, **{name: pc.if_else(pa.array(shared | again), None, getattr(people, name))})
        _give(reasons, LeftOut.SHARED_IDENTIFIER, shared & ~_has(people, platform.needs))
        _give(reasons, LeftOut.DUPLICATE_IDENTIFIER, again & ~_has(people, platform.needs))
        without |= shared | again
    return people, reasons, int(np.count_nonzero(without & (reasons == 0)))


def _codes_of(key: pa.Array) -> Codes:
    """Return a number for each distinct identifier and -1 for none, shape (customers,)."""
    return np.asarray(key.dictionary_encode().indices.fill_null(-1).to_numpy(), dtype=np.int64)


def _sharing(codes: Codes, blocked: Mask) -> Mask:
    """Return which customers have the identifier of a blocked customer, shape (customers,)."""
    # The last entry answers for -1, and stays False.
    table = np.zeros(int(codes.max(initial=-1)) + 2, dtype=np.bool_)
    table[codes[blocked & (codes >= 0)]] = True
    return np.take(table, codes)


def _repeated(user_id: pa.Array, codes: Codes, candidates: Mask) -> Mask:
    """Return which candidates have the identifier of a candidate who comes before them, shape (customers,).

    The first is the first by `user_id`, so that the order of rows does not matter.
    """
    known = np.flatnonzero(candidates & (codes >= 0))
    counts = np.bincount(codes[known], minlength=1)
    clash = known[counts[codes[known]] > 1]
    order = clash[pc.sort_indices(user_id.take(pa.array(clash))).to_numpy()]
    _, first = np.unique(codes[order], return_index=True)
    out = np.zeros(len(candidates), dtype=np.bool_)
    out[order] = True
    out[order[first]] = False
    return out


def _has(people: People, names: tuple[str, ...]) -> Mask:
    known = [getattr(people, name).is_valid().to_numpy(zero_copy_only=False) for name in names]
    return np.asarray(np.logical_or.reduce(known), dtype=np.bool_)


def _handed_out(coupons: Coupons, people: People, reasons: Reasons, run: Run) -> pa.Array:
    rows = np.flatnonzero(reasons == 0)
    some = people.take(rows)
    names = tuple(segment.name for segment in run.segmentation.tree.segments)
    handed = hand_out(coupons, some.user_id, some.segment, names)
    places = np.full(len(people), -1, dtype=np.int64)
    places[rows] = np.arange(len(rows))
    return handed.take(pa.array(places, mask=places < 0))
