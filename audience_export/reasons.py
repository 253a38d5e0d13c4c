"""Why a customer of the universe is in no audience file: every reason, with a sentence for people."""

from enum import StrEnum

from retention.customers.reach import Unreached


class LeftOut(StrEnum):
    """A reason, as written in the manifest.

    A customer who cannot be reached has the first reason of `Unreached`, which are the first ones here. Who can be
    reached has the first that applies of all: nothing is known of the consent, the customer is on a list, or the
    platform has nothing to know the customer by.

    >>> LeftOut.NO_CONSENT.sentence
    'The customer did not agree, or nothing is known about it.'
    """

    RECOVERED = Unreached.RECOVERED
    NO_IDENTIFIER = Unreached.NO_IDENTIFIER
    NO_CONSENT = Unreached.NO_CONSENT
    UNSUBSCRIBED = Unreached.UNSUBSCRIBED
    CONTACTED = Unreached.CONTACTED
    NOT_CHOSEN = Unreached.NOT_CHOSEN
    CONTROL = Unreached.CONTROL
    BOUGHT = "bought"
    SHARED_IDENTIFIER = "shared_identifier"
    DUPLICATE_IDENTIFIER = "duplicate_identifier"

    @property
    def sentence(self) -> str:
        """What the reason means, one plain sentence."""
        return _SENTENCES[self]


_SENTENCES: dict[LeftOut, str] = {
    LeftOut.NO_IDENTIFIER: "The customer has no readable identifier that the platform accepts.",
    LeftOut.NO_CONSENT: "The customer did not agree, or nothing is known about it.",
    LeftOut.RECOVERED: "The data says that the customer has bought again.",
    LeftOut.CONTROL: "The customer is in the control group, which measures what happens without contact.",
    LeftOut.UNSUBSCRIBED: "The customer is on a suppression list.",
    LeftOut.CONTACTED: "The customer was contacted in the last days.",
    LeftOut.NOT_CHOSEN: "The campaign was limited to other customers.",
    LeftOut.BOUGHT: "The customer has bought since the cart was abandoned.",
    LeftOut.SHARED_IDENTIFIER: "A customer who must not be contacted has the same e-mail address or phone number.",
    LeftOut.DUPLICATE_IDENTIFIER: "Another customer in the files has the same e-mail address or phone number.",
}

REASONS = tuple(LeftOut)
"""The reasons, numbered."""
