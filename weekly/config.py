"""shop.yaml: what a week by itself needs to know. The one place that reads, checks and writes it.

Paths in it are relative to its folder. Secrets stand in the environment, and the file names their variables.
"""

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, model_validator

from audience_export import PLATFORMS
from data_ingestion import DateOrder, Decimal, ReadOptions, mappings_from_yaml
from outputs.durable import disk_errors, write_file
from retention.errors import InputError, OptionError, Setting, SourceError, did_you_mean
from retention.experiment.arms import CONTROL, DEFAULT_SALT, Experiment
from retention.experiment.guardrails import parse_guardrail
from retention.policy.strict_yaml import load_strictly
from retention.policy.yaml_text import faults_of
from run_store import Preferences, checked_entries
from run_store.small_files import read_text

PAGE = "docs/automation.md explains every field"
TREATMENT = "treatment"
ANSWERS = {
    Setting.ASSUMED_CONSENT: "audiences.assume_consent: true",
    Setting.CONSENT: "audiences.agreed",
    Setting.COUNTRY: "country",
    Setting.CURRENCY: "currency",
    Setting.DATE_ORDER: "reading.date_order",
    Setting.DECIMAL: "reading.decimal",
    Setting.ENCODING: "reading.encoding",
    Setting.EXPERIMENT: "holdout.experiment",
    Setting.GUARDRAIL: "orders.guardrails",
    Setting.MAPPING: "reading.mapping",
    Setting.ON_CONFLICT: "reading.on_conflict",
    Setting.OUTPUT: "output",
    Setting.PLATFORM: "audiences.platform",
    Setting.POLICY: "policy",
    Setting.TIMEZONE: "timezone",
}
"""Where in shop.yaml a question is answered."""
EnvironmentName = Annotated[str, Field(pattern=r"^env:[A-Za-z_][A-Za-z0-9_]*$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ShopSource(_Part):
    """Where the customers come from: files, folders and patterns such as `exports/*.csv`, or a query to a database."""

    files: tuple[str, ...] = ()
    database: str = ""
    query: str = ""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if bool(self.files) == bool(self.database) or bool(self.database) != bool(self.query):
            raise ValueError("give files, or a database with its query")
        if re.search(r"://[^/@]*:[^/@$]+@", self.database):
            raise ValueError("a password belongs in the environment: write database: env:NAME")
        return self


class ShopReading(_Part):
    """How files are read: the answers to what they leave open."""

    date_order: DateOrder = "auto"
    decimal: Decimal = "auto"
    encoding: str = "auto"
    mapping: str = ""
    on_conflict: Literal["quarantine", "latest"] = "quarantine"


class ShopAudiences(_Part):
    """The files for a platform, and who is left out of them."""

    platform: str = "csv"
    assume_consent: bool = False
    agreed: str = ""
    suppress: tuple[str, ...] = ()
    rest_days: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _known(self) -> Self:
        if self.platform not in PLATFORMS:
            raise ValueError(f"'{self.platform}' is not a platform. {did_you_mean(self.platform, PLATFORMS)}")
        return self


class ShopHoldout(_Part):
    """The control group that every week holds out of the campaign."""

    experiment: str = Field(min_length=1)
    share: float = Field(default=0.1, gt=0, lt=1)
    salt: str = DEFAULT_SALT


class ShopOrders(_Part):
    """What customers did after a send: files of orders or outcomes; without files the orders of the source."""

    files: tuple[str, ...] = ()
    guardrails: tuple[str, ...] = ()


class ShopAlerts(_Part):
    """When a number is worth a message: beyond so many deviations of the median of so many weeks; 0 is never."""

    weeks: int = Field(default=8, ge=8, le=104)
    deviations: float = Field(default=4.0, ge=0)
    set_aside: float = Field(default=0.02, ge=0, le=1)


class ShopMessages(_Part):
    """Who is told: variables that hold addresses of apprise, such as mailtos://... or slack://..."""

    to: tuple[EnvironmentName, ...] = ()
    when: Literal["always", "alerts"] = "always"


class Shop(_Part):
    """A shop's week, as shop.yaml describes it."""

    version: Literal[1] = 1
    source: ShopSource
    workspace: str = ".workspace"
    output: str = "weekly"
    policy: str = ""
    timezone: str = ""
    country: str = ""
    currency: str = ""
    first_week: date | None = None
    keep_weeks: Annotated[int, Field(ge=1)] | None = None
    reading: ShopReading = ShopReading()
    audiences: ShopAudiences = ShopAudiences()
    holdout: ShopHoldout | None = None
    orders: ShopOrders = ShopOrders()
    alerts: ShopAlerts = ShopAlerts()
    messages: ShopMessages = ShopMessages()
    _folder: Path = PrivateAttr(default=Path())

    @model_validator(mode="after")
    def _possible(self) -> Self:
        try:
            with checked_entries():
                self.over(Preferences())
            _ = self.experiment
            _ = [parse_guardrail(text) for text in self.orders.guardrails]
        except InputError as error:
            raise ValueError(error.what) from error
        return self

    @property
    def experiment(self) -> Experiment | None:
        """The experiment that holds customers out."""
        if self.holdout is None:
            return None
        shares = {CONTROL: self.holdout.share, TREATMENT: 1 - self.holdout.share}
        return Experiment(self.holdout.experiment, shares, salt=self.holdout.salt)

    def over(self, usual: Preferences) -> Preferences:
        """Return the settings of the workspace with what the shop says in their place."""
        given = {name: getattr(self, name) for name in ("timezone", "country", "currency") if getattr(self, name)}
        return Preferences.model_validate(usual.model_dump() | given)

    def at(self, text: str) -> Path:
        """Return a path of the file, which is relative to its folder."""
        return self._folder / Path(text).expanduser()

    def paths(self, patterns: tuple[str, ...]) -> list[Path]:
        """Return the files of patterns and folders, by name."""
        return [path for pattern in patterns for path in self._matching(pattern)]

    def _matching(self, pattern: str) -> list[Path]:
        place = self.at(pattern)
        paths = place.iterdir() if place.is_dir() else Path(place.anchor).glob(str(place.relative_to(place.anchor)))
        files = sorted(path for path in paths if path.is_file() and not path.name.startswith("."))
        if not files:
            raise SourceError("no file is there", where=pattern, hint="Did the export run? Check the path in shop.yaml")
        return files

    def read_options(self, usual: Preferences) -> ReadOptions:
        """Return how files are read."""
        reading = self.reading
        text = read_text(self.at(reading.mapping), where=Setting.MAPPING) if reading.mapping else ""
        return ReadOptions(
            timezone=usual.timezone,
            country=usual.country,
            date_order=reading.date_order,
            decimal=reading.decimal,
            encoding=reading.encoding,
            mappings=mappings_from_yaml(text, source=reading.mapping) if text else (),
        )


def read_shop(path: Path) -> Shop:
    """Return the shop of a file.

    Raises:
        OptionError: It cannot be read, is not YAML, or a field is not what it should be; with its path.
    """
    data = load_strictly(read_text(path, where=str(path)), path.name, OptionError, "shop.yaml")
    return shop_of(data, path)


def shop_of(data: Any, path: Path) -> Shop:
    """Return the shop that plain data describes, for a file at a path; errors as `read_shop`."""
    if not isinstance(data, dict):
        raise OptionError("the file describes no shop", where=path.name, hint=PAGE)
    try:
        shop = Shop.model_validate(data)
    except ValidationError as error:
        raise OptionError("; ".join(faults_of(error)), where=path.name, hint=PAGE) from error
    shop._folder = path.absolute().parent  # noqa: SLF001 - where a file lies is no field of it
    return shop


def write_shop(path: Path, shop: Shop) -> None:
    """Write a shop's file in place of the one before; what is as usual is left out."""
    with disk_errors(str(path)):
        write_file(path, shop_to_yaml(shop).encode())


def shop_to_yaml(shop: Shop) -> str:
    """Return YAML text from which `read_shop` makes an equal shop."""
    data = {"version": 1} | shop.model_dump(mode="json", exclude_defaults=True)
    return f"# {PAGE}\n{yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=110)}"


def shop_schema() -> dict[str, Any]:
    """Return the JSON schema of shop.yaml, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Shop.model_json_schema()}


def question(error: InputError, path: Path) -> str:
    """Return an error with the fields of shop.yaml that answer it."""
    uses = [
        f"{' and '.join(ANSWERS.get(each, str(each)) for each in remedy.settings)}"
        + (f": {' or '.join(remedy.values)}" if remedy.values else "")
        for remedy in error.remedies
        if set(remedy.settings) <= ANSWERS.keys()
    ]
    advice = (f"Answer it once in {path.name}: {' or '.join(uses)}",) if uses else ()
    return error.named(lambda setting: ANSWERS.get(setting, str(setting)), *advice)
