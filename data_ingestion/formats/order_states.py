"""What became of an order, by the word that a shop's system has for its state.

That an order was a sale is taken from whole states only. That it was none may also be put together from a few
words ("cancelled by customer"). Whatever is left is not known, and never taken for a sale.
"""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data_ingestion.formats.words import SPELLINGS, coded, parts_of, shown_words, squeezed
from retention.errors import ContractError, Remedy, Setting
from retention.wording import counted

PURCHASE, CANCELLED, REFUNDED, UNFINISHED = STATES = ("purchase", "cancelled", "refunded", "unfinished")
"""What a state can mean, as mappings say it."""
SILENT, UNKNOWN = "", "?"
"""No state is given; a word that nobody here knows."""

_KNOWN: dict[str, str] = {
    squeezed(state): meaning for meaning, states in SPELLINGS["states"].items() for state in states
}

_PARTS = {
    CANCELLED: (r"cancel\w*|void(ed)?|storn\w*|annul\w*|anul\w*|geannuleerd|abgebrochen|widerrufen|aborted|withdrawn"),
    REFUNDED: (
        r"refund(ed)?|reimbursed|returned|chargeback|chargebacked|reversed|(zu)?(ruck)?erstattet|retourniert|remboursee?"
        r"|retournee?|reembolsad[oa]|devuelt[oa]|devolvid[oa]|rimborsat[oa]|restituit[oa]|terugbetaald|geretourneerd"
        r"|zwrocone|zwrot"
    ),
    UNFINISHED: (
        r"fail(ed|ure)?|declined|denied|rejected|refused|abandoned|expired|error|incomplete|unpaid|unsuccessful|blocked"
        r"|fehlgeschlagen|abgelehnt|abgelaufen|entwurf|fehler|unbezahlt|echouee?|echec|refusee?|rejetee?|expiree?"
        r"|brouillon|erreur|abandonnee?|impayee?|fallid[oa]|rechazad[oa]|caducad[oa]|expirad[oa]|borrador|abandonad[oa]"
        r"|fallit[oa]|rifiutat[oa]|scadut[oa]|bozza|abbandonat[oa]|errore|mislukt|geweigerd|verlopen|concept|betaalfout"
        r"|fout|falhou|falhad[oa]|recusad[oa]|nieudane|odrzucone"
    ),
}
_NEUTRAL = frozenset(SPELLINGS["beside_states"])
"""Words beside a state that don't change it."""


def state_of(word: str) -> str:
    """Return what a word for an order's state means: one of `STATES`, `SILENT` or `UNKNOWN`.

    >>> [state_of(each) for each in ("wc-cancelled", "Annulé", "Payment failed", "Expédié", "Backordered", " ")]
    ['cancelled', 'cancelled', 'unfinished', 'purchase', '?', '']
    """
    if not word.strip():
        return SILENT
    parts = parts_of(word)
    if parts[:1] == ["wc"] and parts[1:] not in (["pending"], ["wc"]):
        parts = parts[1:]
    bare = [part for part in parts if part not in _NEUTRAL]
    for chosen in (parts, bare):
        if meaning := _KNOWN.get("".join(chosen)):
            return meaning
    states = set(map(_part, bare))
    # A part that nobody knows, such as "not" or "requested", may turn the meaning round; so may a second one.
    return states.pop() if len(states) == 1 else UNKNOWN


def _part(part: str) -> str:
    return next((meaning for meaning, pattern in _PARTS.items() if re.fullmatch(pattern, part)), UNKNOWN)


def order_states(cells: "pd.Series[Any]", words: Mapping[str, str], name: str) -> NDArray[np.str_]:
    """Return what each order's state means, `SILENT` where it has none, shape (n,).

    Args:
        cells: The states, in the source's words.
        words: Word -> one of `STATES`; goes before what is known here.
        name: The file, for errors.

    Raises:
        ContractError: A word is not known; names it, and what a mapping would say.
    """
    meanings, counts = coded(cells, words, state_of)
    unknown = {word: count for word, count in counts.items() if meanings[word] == UNKNOWN}
    if unknown:
        raise _unknown(unknown, name)
    text = cells.fillna("").astype(str)
    return np.asarray(text.map(meanings).to_numpy(), dtype=np.str_)


def _unknown(counts: Mapping[str, int], name: str) -> ContractError:
    orders = sum(counts.values())
    words, count = shown_words(counts), counted(len(counts), "word", "is", "are")
    return ContractError(
        f"{count} not known as the state of an order, in {counted(orders, 'row')}: {', '.join(words)}",
        where=name,
        hint=f"Nobody can tell whether these are sales. Say it under words: in the mapping, one line each, such as "
        f"{words[0]}: {CANCELLED} (or {PURCHASE}, {REFUNDED}, {UNFINISHED})",
        remedies=(Remedy(Setting.MAPPING),),
    )
