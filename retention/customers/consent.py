"""What people and platforms write about consent to e-mail: the words in cells, and the headers above them."""

import json
import re
import unicodedata
from enum import Enum
from importlib import resources

import numpy as np
import numpy.typing as npt
import pyarrow as pa

TEXT = pa.large_string()
Answers = npt.NDArray[np.int8]

YES, NO, SILENT, UNKNOWN = 1, 0, -1, -2
"""What a cell says: yes, no, nothing, or a word that nobody here knows."""

_SUBSCRIBED = (
    "subscribed resubscribed subscribe optedin optin confirmed confirmedoptin doubleoptin singleoptin granted given "
    "agreed accepted marketingcontact allowed allow consented consentgiven abonniert angemeldet abonne inscrit "
    "suscrito iscritto inscrito onay izinli"
)
_NOT_SUBSCRIBED = (
    "unsubscribed unsubscribe notsubscribed neversubscribed nonsubscribed unconfirmed pending optedout optout cleaned "
    "bounced hardbounced complained suppressed blocked blocklisted blacklisted redacted invalid denied withdrawn "
    "revoked refused rejected declined nonmarketingcontact removed archived nichtabonniert abgemeldet desabonne "
    "desinscrit noninscrit nosuscrito disiscritto noniscritto naoinscrito descadastrado disallow donotallow notallowed "
    "notconsented noconsent notoptedin notinterested nothanks donotemail inactive inaktiv inactif inactivo "
    "inativo cancelled canceled cancelado deleted held junk spam spamcomplaint complaint unverified ret izinsiz"
)
SUBSCRIPTION = dict.fromkeys(_SUBSCRIBED.split(), YES) | dict.fromkeys(_NOT_SUBSCRIBED.split(), NO)
"""Words that say by themselves that they are about a subscription, without marks, blanks, hyphens and underscores."""
_OF_EITHER = frozenset(("confirmed", "granted", "given", "agreed", "accepted"))
"""Words of `SUBSCRIPTION` that affirm whatever a column is about."""
MARKS = dict.fromkeys("\u2713\u2714\u2611\u2705", YES) | dict.fromkeys("\u2717\u2718\u2612\u274c\u2610", NO)
"""Ticks and crosses."""
CHANNELS = frozenset({"email", "web", "mobile", "sms", "directmail"})
"""Values of Klaviyo's `$consent`, a list of the channels that a person agreed to."""
NOTHING = frozenset({"", "na", "null", "none", "nan", "nil", "unknown"})

COLUMNS = (
    *("email_consent", "accepts_email_marketing", "accepts_marketing", "buyer_accepts_marketing"),
    *("customer_accepts_marketing", "email_marketing_consent", "email_marketing_status", "marketing_contact_status"),
    *("email_opt_in", "opt_in", "opt-in", "newsletter", "email_subscribe", "email_status", "email_subscription_status"),
    # What Klaviyo had before it told e-mail from other channels; newer columns beside it say more.
    "$consent",
)
HEADERS = tuple(dict.fromkeys(way for name in COLUMNS for way in (name, re.sub("[_-]", " ", name))))
"""Headers of tables that hold a person's consent to e-mail, as vendors write them."""


class Meaning(Enum):
    """What a column of a list says about consent to e-mail."""

    AGREED = "a yes is consent"
    REFUSED = "a yes is a refusal"
    AGREED_ON = "a time is consent"
    REFUSED_ON = "a time is a refusal"
    FAILED = "a yes is a refusal, and a no says nothing"
    STATE = "it speaks of consent only if its words do"


REFUSALS = frozenset({Meaning.REFUSED, Meaning.REFUSED_ON, Meaning.FAILED})
"""Meanings of columns that speak of refusals."""


_STROKED = str.maketrans("łøđı", "lodi")
"""Letters with a stroke or without a dot, which no normal form takes apart."""


def without_marks(text: str) -> str:
    """Return a text in lower case without accents, so that its spellings can be compared."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_STROKED))
    bare = "".join(each for each in plain if not unicodedata.combining(each))
    return unicodedata.normalize("NFC", bare)


_AGREED = re.compile(
    r"consent|subscri|opt_?in|opted_in|accepts?_(\w+_)?marketing|agree|newsletter|marketing_(contact_)?(status|state)"
    r"|permission|confirm_time|einwillig|zustimm|abonn|inscri|suscri|iscri|gdpr|dsgvo|rgpd|email_marketing"
    r"|(marketing|werbe)_e?_?mails?|(acce[pt]ta|acepta|aceita|allows?|receives?)_(\w+_)?(marketing|publicidad|e?_?mails?)"
    r"|werbung_|consens|consenti|infolettre|lettre_d_information|boletin|boletim|nieuwsbrief|toestemming|aangemeld"
    r"|zgoda|zapisan|nyhetsbrev|samtyck|prenumer|izni|izin|abone|bulten|согласи|рассылк|подписк|подписан"
    r"|souhlas|odber_novinek|hirlevel|feliratkoz|samtykke|nyhedsbrev|tilmeldt|uutiskirje|suostumus|markkinointilupa"
    r"|ticari_ileti|ενημερωτικ|συγκαταθ|dong_y|(acepta|quiere|desea|aceita)_\w*(recibir|receber)|recib\w+_(promo|publi|noved)"
    r"|(can|may)_(be_)?(e?_?mail|contact)|contactable|mailable|marketing_allowed|получать_|موافق|نشر|بريد|مشترك"
    rf"|{without_marks('メルマガ|メールマガジン|メール配信|メール受信|購読|同意|订阅|訂閱|营销邮件|营销许可|수신동의')}"
    rf"|{without_marks('수신_동의|수신여부|수신_여부|뉴스레터|구독')}"
)
_MAIL = (
    r"(e?_?mail|marketing|newsletter|werb|reklam|promo|advert|campaign|subscri|contact|kontakt|contatt?|pub(_|$|lici)"
    r"|рассыл)"
)
_NOT = (
    r"(do|does|is|are)_?not|dont|don_t|doesn_t|no(?!_of)|not|non|never|stop|exclude[ds]?|refus\w*|kein\w*|nicht|ne_pas|pas_de|sans"
    r"|sin|senza|sem|nao|geen|niet|ej|inte|ikke|ingen|ei|nie|bez|ne|не|без"
)
_REFUSED = re.compile(
    r"un_?sub|opt(ed)?_?out|black_?list|block_?list|suppress|do_not_(contact|e?_?mail)|clean_time|revoked|withdrawn"
    r"|abgemeld|abmeld|desabonn|desinscri|disiscri|(^|_)baja(_|$)|descadastr|afgemeld|uitgeschreven|wypisan|avregistr"
    rf"|отпис|отказ_от|{without_marks('停止|不要|拒否|希望しない|退订|退訂|拒收|不接|拒绝|수신거부|수신_거부')}"
    rf"|(^|_)({_NOT})_(\w+_)??{_MAIL}|donot(bulk)?e?mail|isexcluded|excluded_from"
    rf"|{_MAIL}\w*_(nicht_|abbestell|gekundigt|untersagt|verweiger|widerspr|widerruf|refus|rejected|declined|cancell?ed)"
    r"|werbe?(sperr|widerspr)|mail_?sperre|robinson|(^|_)(dnc|dnd)(_|$)|odhlasen|leiratkoz|dezabon|afmeldt|kielto|rezygn"
    r"|(^|_)oppos\w+_\w*mail|الغاء"
)
_FAILED = re.compile(r"bounced?$|bounced_|complain(ed|t)s?$|(^|_)spam(_|$)|(^|_)cleaned$|suppressed")
_OTHER_CHANNEL = re.compile(r"(^|_)(sms|push|whatsapp|mms|phone|call|postal|web|text)(_|$)")
_TIME = re.compile(r"(time|date|timestamp|datum|(^|_)(at|on|day|since))(_(utc|gmt))?$")
_ASIDE = re.compile(
    r"(^|_)(level|source|method|ip|reason|campaign|count|number|id|url|link|form|language|updated|name|plan|price|tag"
    r"|product|interval|list|lists|type|title|version|lifetime)(_|$)"
)
_NO_TIME = re.compile(
    r"[0\s:./TZ-]+|(0001|17\d\d|18\d\d|1900|1970|9999)\D.*|\d\d?\D\d\d?\D(0001|1899|1900|1970|9999)(\D.*)?|never|nie|jamais|nunca|mai",
    re.IGNORECASE,
)
"""What programs write where nothing ever happened."""
_STATE = re.compile(r"((email|contact|subscription|member|list|customer)_)?(status|state|subscription|consent_status)")


def meaning_of(header: str) -> Meaning | None:
    """Return what a column says about consent to e-mail, by its header; None: nothing.

    >>> meaning_of("Email Marketing Consent"), meaning_of("UNSUB_TIME"), meaning_of("Accepts SMS Marketing")
    (<Meaning.AGREED: 'a yes is consent'>, <Meaning.REFUSED_ON: 'a time is a refusal'>, None)
    """
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", header.strip())
    name = re.sub(r"[\W_]+", "_", without_marks(words)).strip("_")
    if _STATE.fullmatch(name):
        return Meaning.STATE
    if _ASIDE.search(name) or (_OTHER_CHANNEL.search(name) and "mail" not in name):
        return None
    if _FAILED.search(name) and not _TIME.search(name):
        return Meaning.FAILED
    if _REFUSED.search(name) or _FAILED.search(name):
        return Meaning.REFUSED_ON if _TIME.search(name) else Meaning.REFUSED
    if _AGREED.search(name):
        # When a consent was noted says nothing of what it was.
        return (None if "consent" in name else Meaning.AGREED_ON) if _TIME.search(name) else Meaning.AGREED
    return None


def answers(texts: pa.Array, meaning: Meaning = Meaning.AGREED) -> Answers:
    """Return what each cell of a column of such a meaning says about consent, shape (n,).

    >>> answers(pa.array(["SUBSCRIBED", "Never subscribed", "n/a", "perhaps"])).tolist()
    [1, 0, -1, -2]
    """
    coded = texts.cast(TEXT).dictionary_encode()
    # The one place more is for cells without text.
    meanings = np.array([*(_answer(text, meaning) for text in coded.dictionary.to_pylist()), SILENT], dtype=np.int8)
    return np.asarray(meanings[coded.indices.fill_null(len(coded.dictionary)).to_numpy(zero_copy_only=False)])


def _answer(text: str, meaning: Meaning) -> int:
    plain = _plain(text)
    refusals = meaning in REFUSALS
    times = meaning in (Meaning.AGREED_ON, Meaning.REFUSED_ON)
    channels = set(re.findall(r"[^\W_]+", text.lower()))
    if channels and channels <= CHANNELS:
        # Consent to another channel says nothing of mail.
        return (NO if refusals else YES) if "email" in channels else SILENT
    if plain in NOTHING or (times and _NO_TIME.fullmatch(text.strip())):
        return SILENT
    if plain in SUBSCRIPTION:
        return NO if refusals and plain in _OF_EITHER else SUBSCRIPTION[plain]
    answer = WORDS.get(plain, YES if times and any(map(str.isdigit, text)) else UNKNOWN)
    turned = 1 - answer if refusals and answer != UNKNOWN else answer
    return SILENT if meaning is Meaning.FAILED and turned == YES else turned


def stated(header: str, texts: pa.Array) -> Answers | None:
    """Return what a column of a list says of each row's consent to e-mail; None: it is about something else."""
    meaning = meaning_of(header)
    if meaning is Meaning.STATE and SUBSCRIPTION.keys().isdisjoint(map(_plain, texts.unique().drop_null().to_pylist())):
        return None
    return None if meaning is None else answers(texts, meaning)


def _plain(text: str) -> str:
    plain = without_marks(text.strip())
    if plain == "\\n":
        # A database's sign for nothing is no "n" for no.
        return ""
    bare = re.sub(r"[\W_]", "", plain)
    return plain.removesuffix(".0") if plain[-1:].isdigit() else bare or (plain[:1] if plain[:1] in MARKS else "")


_FLAGS = json.loads(resources.files(__package__).joinpath("flag_words.json").read_text(encoding="utf-8"))
WORDS = (
    SUBSCRIPTION
    | MARKS
    | {_plain(word): answer for answer in (YES, NO) for words in _FLAGS.values() for word in words[1 - answer].split()}
)
"""Words that say yes or no in many languages, as `_plain` leaves them; `tools/word_tables.py` writes their file."""
