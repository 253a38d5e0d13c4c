"""Why a row is kept out of the analysis: every reason code, with a sentence for people.

A row that is not analysed always carries one of these codes in `quarantine.csv`.
"""

from enum import StrEnum


class Reason(StrEnum):
    """A reason code, as written in `quarantine.csv`.

    >>> Reason.NOT_A_DATE.sentence
    'The cell is not a real date in the date order of the file.'
    """

    TOO_FEW_FIELDS = "too_few_fields"
    TOO_MANY_FIELDS = "too_many_fields"
    BROKEN_QUOTING = "broken_quoting"
    NOT_JSON = "not_json"
    MISSING_USER_ID = "missing_user_id"
    NOT_A_PHONE = "not_a_phone"
    ROUNDED_ID = "rounded_id"
    MISSING_DATE = "missing_date"
    NOT_A_DATE = "not_a_date"
    NOT_A_NUMBER = "not_a_number"
    NOT_AN_INTEGER = "not_an_integer"
    INFINITE = "infinite"
    OUT_OF_BOUNDS = "out_of_bounds"
    NOT_A_FLAG = "not_a_flag"
    TOO_LONG = "too_long"
    TOTALS_ROW = "totals_row"
    REPEATED_HEADER = "repeated_header"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    SUPERSEDED = "superseded"
    UNKNOWN_EVENT = "unknown_event"
    CANCELLATION = "cancellation"
    REFUND = "refund"
    PRICE_NOT_POSITIVE = "price_not_positive"
    QUANTITY_NOT_POSITIVE = "quantity_not_positive"
    NOT_AN_ORDER = "not_an_order"
    DELETED = "deleted"
    REPEATED_ORDER = "repeated_order"
    INCOMPLETE_ORDER = "incomplete_order"

    @property
    def sentence(self) -> str:
        """What the reason means, one plain sentence."""
        return _SENTENCES[self]


_SENTENCES: dict[Reason, str] = {
    Reason.TOO_FEW_FIELDS: "The row has fewer fields than the header.",
    Reason.TOO_MANY_FIELDS: "The row has more fields than the header.",
    Reason.BROKEN_QUOTING: "The row has text right before or after a quoted field, so its fields cannot be told apart.",
    Reason.NOT_JSON: "The line is not one JSON object of text, or was cut off.",
    Reason.MISSING_USER_ID: "The row names no customer.",
    Reason.NOT_A_PHONE: "The row names its customer by a phone number alone, which is not valid or lacks its country.",
    Reason.ROUNDED_ID: "The identifier is 0 or was rounded by a spreadsheet, and rows of different people have it.",
    Reason.MISSING_DATE: "The row has no date.",
    Reason.NOT_A_DATE: "The cell is not a real date in the date order of the file.",
    Reason.NOT_A_NUMBER: "The cell is not a number with the decimal sign of the file.",
    Reason.NOT_AN_INTEGER: "The cell must be a whole number.",
    Reason.INFINITE: "The number is infinite.",
    Reason.OUT_OF_BOUNDS: "The value is outside the bounds of its column.",
    Reason.NOT_A_FLAG: "The cell is neither yes nor no.",
    Reason.TOO_LONG: "The text is longer than a cell may be.",
    Reason.TOTALS_ROW: "The row is a total of other rows, not a customer.",
    Reason.REPEATED_HEADER: "The row is the header again, as where files were joined by hand; it is not a customer.",
    Reason.DUPLICATE: "The row repeats an earlier row in every column; the first one is used.",
    Reason.CONFLICT: "The customer has several rows for the same abandonment time, with different values.",
    Reason.SUPERSEDED: "The customer has a later abandonment in the window; that one is used.",
    Reason.UNKNOWN_EVENT: "The row does not say what happened, or uses a word for it that is not known.",
    Reason.CANCELLATION: "The row cancels an order or belongs to a cancelled one; it is not a purchase.",
    Reason.REFUND: "The row refunds an order, or belongs to one that was refunded in full; it is not a purchase.",
    Reason.PRICE_NOT_POSITIVE: "The price is zero or less; the line is a correction or a gift, not a purchase.",
    Reason.QUANTITY_NOT_POSITIVE: "The quantity is zero or less; the line is a return or a correction, not a purchase.",
    Reason.NOT_AN_ORDER: "The row's status says that no order came of it.",
    Reason.DELETED: "The source marks the row as deleted, or its order as a test.",
    Reason.REPEATED_ORDER: "The order or checkout is in the file more than once; the first one is used.",
    Reason.INCOMPLETE_ORDER: "The first row of the order or checkout, which has its money, is missing or rejected.",
}
