"""Why a customer of the universe is in no audience file: every reason, with a sentence for people."""

from enum import StrEnum


class LeftOut(StrEnum):
    """A reason, as written in the manifest; a customer has the first that applies, in this order.

    >>> LeftOut.NO_CONSENT.sentence
    'The customer did not agree, or nothing is known about it.'
    """

    CONTROL = "control"
    NO_CONSENT = "no_consent"
    UNSUBSCRIBED = "unsubscribed"
    CONTACTED = "contacted_recently"
    BOUGHT = "bought"
    RECOVERED = "recovered"
    NO_IDENTIFIER = "no_identifier"
    SHARED_IDENTIFIER = "shared_identifier"
    DUPLICATE_IDENTIFIER = "duplicate_identifier"

    @property
    def sentence(self) -> str:
        """What the reason means, one plain sentence."""
        return _SENTENCES[self]


_SENTENCES: dict[LeftOut, str] = {
    LeftOut.CONTROL: "The customer is in the control group, which measures what happens without contact.",
    LeftOut.NO_CONSENT: "The customer did not agree, or nothing is known about it.",
    LeftOut.UNSUBSCRIBED: "The customer is on a suppression list.",
    LeftOut.CONTACTED: "The customer was contacted in the last days.",
    LeftOut.BOUGHT: "The customer has bought since the cart was abandoned.",
    LeftOut.RECOVERED: "The data says that the customer has bought again.",
    LeftOut.NO_IDENTIFIER: "The customer has no readable identifier that the platform accepts.",
    LeftOut.SHARED_IDENTIFIER: "A customer who must not be contacted has the same e-mail address or phone number.",
    LeftOut.DUPLICATE_IDENTIFIER: "Another customer in the files has the same e-mail address or phone number.",
}
