"""What databases, programs and spreadsheets write where there is nothing, or what never happened."""

from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data_ingestion.cells.dates import MISSING, DateCells, Micros
from data_ingestion.cells.numbers import NumberCells
from data_ingestion.formats.words import as_text, counts_of
from retention.customers.contracts import Column

_PROGRAMS = (
    # MySQL, PostgreSQL, Hive; SQL Server; viewers of databases; pandas, Python, JavaScript; Google Analytics, Power BI.
    "\\N,NULL,null,(null),(NULL),[NULL],[null],<null>,<NULL>,#NULL#,<NA>,NaN,nan,NaT,None,nil,undefined,(not set),"
    "(none),(blank),(Blank),N/A,n/a,"
    "(empty),(not provided),<none>,<nil>,[object Object],"
    # Excel's #N/A in English, German, Spanish and Italian, Dutch, and what it shows where a formula fails.
    "#N/A,#NV,#N/D,#N/B,#REF!,#VALUE!,#NAME?,#DIV/0!,#NUM!,#NULL!,#BEZUG!,#WERT!,#VALEUR!,#NOM?,#VALOR!"
)
TEXTS: tuple[str, ...] = tuple(_PROGRAMS.split(","))
"""Texts that are no text. Names and codes that people and countries have stay: `NA`, `Null`, `Nan`."""
DASHES: tuple[str, ...] = ("-", "--", "\u2013", "\u2014")
"""Nothing where a text tells who or which; elsewhere a shop may mean something by it."""
_NO_ACCOUNT = (
    "guest,Guest,GUEST,guest user,Guest User,Guest Customer,anonymous,Anonymous,(anonymous),unknown,Unknown,"
    "not logged in,NOT LOGGED IN,Walk-in,Walk-in Customer,Gast,Gastkunde,invité,Invité,invitado,Invitado,convidado,"
    "Convidado,ospite,Ospite,гость,Гость,ゲスト,非会員,비회원,游客,访客"
)
GUESTS: tuple[str, ...] = tuple(_NO_ACCOUNT.split(","))
"""Everybody without an account, where a shop calls them all the same."""
TELLING = frozenset({"customer", "email", "phone", "order", "visit", "status", "event"})
"""Texts that tell who or which."""

_WORDS = (
    r"\\n|null|\(null\)|\[null\]|<null>|#null#|<na>|nil|undefined|\(not set\)|\(none\)|\(blank\)|#n/a|#nv|#n/d|#n/b"
    r"|\(empty\)|\(not provided\)|<none>|<nil>|\[object object\]|n\.a\.|n\. a\.|k\.a\.|[-\x{2013}\x{2014}]{1,2}|\."
)
_NEVER = r"never|nie|niemals|jamais|nunca|mai|nooit"
# Year 0 of MySQL, years 1 and 9999 of .NET, Java, SQL Server and SAP, 1753 of SQL Server, day 0 of Excel and OLE; the
# first days of SPSS, Windows and VMS, the last ones of Oracle's applications, of pandas and of what people write.
_DATES = (
    r"0000-00-00|00[./-]00[./-]0000|0{8}|0001-01-01|0?1[./-]0?1[./-]0001|1753-01-01|0?1[./-]0?1[./-]1753"
    r"|1899-12-3[01]|3[01][./-]12[./-]1899|12[./-]3[01][./-]1899|0?[01][./-]0?[01][./-]1900|1900-01-00"
    r"|(?:1582-10-14|1601-01-01|1677-09-2[12]|1858-11-17|2262-04-1[12]|2999-12-31|4712-12-31)"
    r"|9999-12-31|31[./-]12[./-]9999|12[./-]31[./-]9999|99991231"
)
_AS_DATE = rf"^(?i:{_WORDS}|{_NEVER}|(?:{_DATES})(?:[T ].*)?|-?0+(?:\.0*)?|-1|-62135596800(?:000)?)$"
_AS_WORD = rf"^(?i:{_WORDS})$"

_HALF_DAY = 14 * 3_600_000_000
_ZEROS = np.array(["1900-01-01", "1904-01-01", "1960-01-01", "1980-01-01", "2079-06-06"], "M8[us]").astype(np.int64)
"""First days of Excel, of Excel on the Mac, of SAS, of DOS, and the last day of SQL Server's small times."""


def says_nothing(column: Column, cells: pa.Array) -> NDArray[np.bool_]:
    """Return which cells that could not be cast say nothing, or never, shape (n,); a needed time has to say when."""
    if column.kind == "time" and column.required:
        return np.zeros(len(cells), dtype=np.bool_)
    pattern = _AS_DATE if column.kind == "time" else _AS_WORD
    matches = pc.match_substring_regex(pc.utf8_trim_whitespace(as_text(cells)), pattern)
    return np.asarray(matches.to_numpy(zero_copy_only=False))


def without_never(micros: Micros) -> tuple[Micros, int]:
    """Return times without the first moment of 1970 (in any zone) and of what `_ZEROS` lists, and how many there were.

    A program that has no time writes its own zero; no shop of today had an order then.
    """
    never = (micros >= -_HALF_DAY) & (micros <= _HALF_DAY) | np.isin(micros, _ZEROS)
    return (np.where(never, MISSING, micros), int(never.sum())) if never.any() else (micros, 0)


def words_for_nothing(text: pa.Array, cells: pa.Array | NumberCells | DateCells | NDArray[np.float64]) -> int:
    """Return how many missing cells of a column held a word and were not blank."""
    if isinstance(cells, NumberCells):
        missing = np.isnan(cells.values)
        if cells.bad is not None:
            missing &= ~cells.bad
        if cells.open is not None:
            missing[cells.open.positions] = False
    elif isinstance(cells, DateCells):
        missing = cells.micros == MISSING
    else:
        missing = np.asarray(pc.is_null(cells).to_numpy(zero_copy_only=False))
    if np.count_nonzero(missing) == text.null_count:
        # What has nothing in the file has no word there.
        return 0
    left = as_text(text.filter(pa.array(missing)).drop_null())
    return len(left) - int(pc.sum(pc.equal(pc.utf8_trim_whitespace(left), "")).as_py() or 0)


def nobodies(ids: pa.Array) -> Counter[str]:
    """Return how often each word that may name nobody stands among identifiers."""
    return counts_of(ids.filter(pc.is_in(ids, pa.array((*TEXTS, *GUESTS), pa.large_string()))))
