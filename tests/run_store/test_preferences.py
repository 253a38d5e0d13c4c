"""Settings of a workspace: kept whole, refused when damaged, defaults where they are empty."""

import json
from pathlib import Path

import pytest

from retention.errors import OptionError, WorkspaceError
from retention.policy.policy import Weights
from run_store import Workspace, load_policy
from run_store.preferences import SETTINGS_FILE, Preferences, checked_entries
from run_store.small_files import MAX_BYTES

SHOP = Preferences(currency="EUR", timezone="Europe/Berlin", min_size=20, weights=Weights(lift=0), margin=0.4)


def test_a_workspace_without_settings_has_the_programs_defaults(tmp_path: Path) -> None:
    assert Workspace(tmp_path / "nowhere").preferences() == Preferences()
    assert not list(Preferences().words())


def test_what_is_saved_is_what_is_read(tmp_path: Path) -> None:
    Workspace(tmp_path).keep_preferences(SHOP)
    assert Workspace(tmp_path).preferences() == SHOP
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == [SETTINGS_FILE]


def test_resetting_brings_the_defaults_back_and_may_be_done_twice(tmp_path: Path) -> None:
    Workspace(tmp_path).keep_preferences(SHOP)
    for _ in range(2):
        Workspace(tmp_path).forget_preferences()
        assert Workspace(tmp_path).preferences() == Preferences()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "not as they were saved"),
        (b"\xff\xfe", "not as they were saved"),
        (b" " * (MAX_BYTES + 2), "not as they were saved"),
        (b"[]", "Reset the settings"),
        (b'{"version": 2}', "newer than this program's. Update"),
        (b'{"version": 1, "margn": 0.1}', "margn.*Reset the settings"),
        (b'{"version": 1, "margin": 40}', "margin.*Reset the settings"),
        (b'{"version": 1, "timezone": "Mars/Olympus"}', "not known.*Reset the settings"),
    ],
)
def test_damaged_settings_are_refused_with_the_way_out(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / SETTINGS_FILE).write_bytes(content)
    with pytest.raises(WorkspaceError, match=message):
        Workspace(tmp_path).preferences()


def test_a_disk_that_takes_nothing_leaves_the_settings_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Workspace(tmp_path).keep_preferences(SHOP)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("outputs.durable.os.fsync", full)
        with pytest.raises(WorkspaceError, match=r"no space left.*Free some space"):
            Workspace(tmp_path).keep_preferences(Preferences())
    assert Workspace(tmp_path).preferences() == SHOP
    assert json.loads((tmp_path / SETTINGS_FILE).read_bytes())["currency"] == "EUR"


def test_entered_values_are_refused_by_name() -> None:
    with pytest.raises(OptionError, match=r"contact cost.*greater than or equal to 0"), checked_entries():
        Preferences(contact_cost=-1.0)
    with pytest.raises(OptionError, match=r"^the smallest size 30 is above the largest 20"), checked_entries():
        Preferences(min_size=30, max_size=20)


def test_a_country_is_kept_in_capitals_and_must_be_one() -> None:
    assert list(Preferences(country="bd").words()) == ["country BD"]
    with pytest.raises(OptionError, match="country: 'Mars' is not a country"), checked_entries():
        Preferences(country="Mars")


def test_only_assumptions_that_are_set_replace_the_policys() -> None:
    policy = load_policy("five-segments")
    assert Preferences().assumptions(policy) is None
    changed = SHOP.assumptions(policy)
    assert changed == policy.assumptions.model_copy(update={"margin": 0.4})


def test_a_largest_size_bounds_the_policys_smallest() -> None:
    policy = load_policy("five-segments")
    small = policy.model_copy(update={"sizes": policy.sizes.model_copy(update={"min_size": 100})})
    assert Preferences(max_size=50).sizes(small).model_dump() == {
        "min_size": 50,
        "max_size": 50,
        "split_oversize": False,
    }
    assert Preferences().sizes(policy) == policy.sizes
