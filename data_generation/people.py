"""Names, addresses and numbers that belong to nobody, combined from small pools.

Faker makes a few thousand names a second, so it only fills pools; customers take from the pools by
index. E-mail addresses end in domains reserved for examples, and phone numbers lie in ranges that
the national regulators set aside for fiction.
"""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from faker import Faker

from data_generation import archetypes as law

Codes = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

POOL_SEED = 20250930
POOL_DRAWS = 400
DOMAINS = ("example.com", "example.org", "example.net")


@dataclass(frozen=True)
class Market:
    """A country that customers live in.

    Args:
        country: ISO 3166 code.
        share: Share of the customers.
        locale: Faker's locale for names and postal codes.
        regions: Sales regions, all alike frequent.
        phones: Phone number patterns in a range reserved for fiction; `#` is any digit.
    """

    country: str
    share: float
    locale: str
    regions: tuple[str, ...]
    phones: tuple[str, ...]


MARKETS = (
    Market(
        "US",
        0.55,
        "en_US",
        ("US Northeast", "US Midwest", "US South", "US West"),
        ("+120255501##", "+131255501##", "+141555501##", "+161755501##", "+171355501##"),
    ),
    Market("GB", 0.20, "en_GB", ("England", "Scotland", "Wales"), ("+447700900###",)),
    Market("DE", 0.15, "de_DE", ("Germany North", "Germany South"), ("+493023125###",)),
    Market("FR", 0.10, "fr_FR", ("France North", "France South"), ("+3363998####",)),
)


@dataclass(frozen=True)
class Pool:
    """Texts of all markets in one array: where those of each market start, and how many it has."""

    texts: pa.Array
    starts: Codes
    sizes: Codes

    def pick(self, market: Codes, uniforms: Floats) -> Codes:
        """Return for each customer the index of a text of the customer's market."""
        index = (uniforms * self.sizes.take(market)).astype(np.int32)
        index += self.starts.take(market)
        return index


def ascii_fold(name: str) -> str:
    """Return a name as the local part of an address may hold it.

    >>> ascii_fold("Zoë O'Brien-Weiß")
    'zoeobrienweiss'
    """
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in plain if letter.isascii() and letter.isalnum())


def pool_of(markets: list[list[str]]) -> Pool:
    """Return the pool of one list of texts per market."""
    sizes = np.array([len(texts) for texts in markets], dtype=np.int32)
    starts = (np.cumsum(sizes) - sizes).astype(np.int32)
    return Pool(pa.array([text for texts in markets for text in texts], pa.string()), starts, sizes)


def expand(pattern: str) -> list[str]:
    """Return every number that a pattern stands for.

    >>> expand("+1#")[:2]
    ['+10', '+11']
    """
    digits = pattern.count("#")
    head = pattern.rstrip("#")
    return [f"{head}{number:0{digits}d}" for number in range(10**digits)]


def distinct(make: Callable[[], str]) -> list[str]:
    """Return the distinct texts of `POOL_DRAWS` draws whose ASCII form is not empty."""
    return [text for text in dict.fromkeys(make() for _ in range(POOL_DRAWS)) if ascii_fold(text)]


@lru_cache(maxsize=1)
def load_pools() -> tuple[dict[str, Pool], str]:
    """Return the pool of each column, and the SHA-256 of all texts, which change with Faker's version.

    They are the same for every seed, so they are made once.
    """
    texts: dict[str, list[list[str]]] = {"first_name": [], "last_name": [], "zip": [], "phone": [], "region": []}
    for market in MARKETS:
        fake = Faker(market.locale)
        fake.seed_instance(POOL_SEED)
        texts["first_name"].append(distinct(fake.first_name))
        texts["last_name"].append(distinct(fake.last_name))
        texts["zip"].append(distinct(fake.postcode))
        texts["phone"].append([number for pattern in market.phones for number in expand(pattern)])
        texts["region"].append(list(market.regions))
    digest = sha256(repr(list(texts.values())).encode()).hexdigest()
    return {name: pool_of(markets) for name, markets in texts.items()}, digest


def pick_by_share(shares: npt.ArrayLike, uniforms: Floats) -> Codes:
    """Return an index per uniform, each with the probability of its share; shares sum to 1."""
    index = np.zeros(len(uniforms), dtype=np.int32)
    # The last edge is left out: by rounding it may lie below 1, and a uniform above it would get an index too many.
    for edge in np.cumsum(shares)[:-1]:
        index += uniforms >= edge
    return index


@lru_cache(maxsize=2)
def _folded(column: str) -> pa.Array:
    """Return the texts of a pool as an address holds them, a dot behind each."""
    return pa.array([f"{ascii_fold(name)}." for name in load_pools()[0][column].texts.to_pylist()])


def emails(first: Codes, last: Codes, uniforms: Floats, missing: Flags) -> pa.Array:
    """Return addresses `first.last.row@example...`: the row makes each one unlike all others."""
    folded_first, folded_last = map(_folded, ("first_name", "last_name"))
    domains = pa.array([f"@{domain}" for domain in DOMAINS])
    row = pc.cast(pa.array(np.arange(1, len(first) + 1), mask=missing), pa.string())
    domain = domains.take(pa.array((uniforms * len(DOMAINS)).astype(np.int8)))
    return pc.binary_join_element_wise(
        folded_first.take(pa.array(first)), folded_last.take(pa.array(last)), row, domain, ""
    )


def draw_people(rng: np.random.Generator, size: int) -> dict[str, pa.Array]:
    """Return the text columns of some customers, with their gaps.

    Returns:
        `email`, `phone` (E.164), `first_name`, `last_name`, `country` (ISO 3166), `zip`, `region`.
    """
    pools, _ = load_pools()
    gaps = {name: rng.random(size) < share for name, share in law.TEXTS_MISSING.items()}
    market = pick_by_share([market.share for market in MARKETS], rng.random(size))
    places = {name: pool.pick(market, rng.random(size)) for name, pool in pools.items()}
    texts = {name: pools[name].texts.take(pa.array(at, mask=gaps.get(name))) for name, at in places.items()}
    addresses = emails(places["first_name"], places["last_name"], rng.random(size), gaps["email"])
    countries = pa.array([market.country for market in MARKETS])
    return {"email": addresses, "country": countries.take(pa.array(market)), **texts}
