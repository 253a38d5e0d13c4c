"""The page "What if" without a browser, and what it takes from a what-if cube."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st
from streamlit.testing.v1 import AppTest

from analysis import Run, Settings, analyze
from data_generation import generate
from data_ingestion import Intake, intake_of_frame
from frontend.components.trends import figures_compare
from frontend.components.trends.moves import moves
from frontend.utils import palette, policies, trials
from retention.errors import OptionError
from retention.partition.what_if import Stop, build_what_if
from retention.policy.policy import Sizes, Weights
from retention.policy.yaml_text import policy_from_yaml
from run_store import Workspace, load_policy
from tests.frontend.opening import dashboard


@pytest.fixture(scope="module")
def intake() -> Intake:
    made = generate(4_000)
    return intake_of_frame(made.customers, name="synthetic", fingerprint=made.fingerprint)


@pytest.fixture(scope="module")
def run(intake: Intake) -> Run:
    return analyze(intake, load_policy("five-segments"))


def tried(run: Run, asked: trials.TrialRequest | None = None) -> trials.Trial:
    base = build_what_if(run.segmentation.customers, run.policy, run.segmentation.scale)
    what_if = trials.as_run(base, run)
    return trials.try_out(what_if, asked or trials.start(what_if), run.scores.evidence)


@pytest.fixture
def opened(week: AppTest) -> AppTest:
    return week.switch_page("views/what_if.py").run()


def numbers(page: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.metric}


def test_without_a_run_the_page_says_what_to_do(root: Path) -> None:
    page = dashboard(root).switch_page("views/what_if.py")
    page.run()
    assert not page.exception
    assert "No analysis yet" in page.header[0].value


def test_a_moved_slider_a_kept_policy_and_back_to_today(opened: AppTest) -> None:
    page = opened
    assert not page.exception
    assert numbers(page)["Change segment"] == "0"
    assert page.button(key="what-if-reset").disabled
    slider = page.select_slider[0]
    assert slider.label == "Average order value"
    page = slider.set_value((slider.options[2], slider.options[-3])).run()
    table = page.dataframe[0].value
    assert int(numbers(page)["Change segment"].replace(",", "")) > 0
    assert table["Today"].sum() == table["Draft"].sum()
    assert page.table[0].value["Customers"].iloc[0][0].isdigit()
    page = page.button(key="what-if-keep").click().run()
    assert "five-segments-draft" in policies.known()
    assert "is kept" in page.success[0].value
    page = page.button(key="what-if-keep").click().run()
    assert "already" in page.error[0].proto.title
    page = page.button(key="what-if-reset").click().run()
    assert numbers(page)["Change segment"] == "0"


def test_sizes_and_weights_change_segments_and_ranks(opened: AppTest) -> None:
    page = opened
    key = str(page.select_slider[0].key).rpartition("-")[0]
    before = page.dataframe[0].value.set_index("Segment")
    page.number_input(key=f"{key}-min").set_value(300)
    page = page.run()
    assert not page.exception
    assert len(page.dataframe[0].value.dropna(subset=["Draft"])) < len(before)
    assert "gone" in page.dataframe[0].value["Rank"].tolist()
    page.number_input(key=f"{key}-max").set_value(50)
    assert "max size is used for both" in page.run().warning[0].value
    for name in trials.WEIGHTS:
        page.slider(key=f"{key}-{name}").set_value(0)
    page = page.run()
    assert "At least one weight" in "".join(warning.value for warning in page.warning)
    assert not page.exception


def test_a_draft_without_changes_is_the_run(run: Run) -> None:
    draft = tried(run)
    pd.testing.assert_frame_equal(draft.table, run.scores.table[list(draft.table)])
    assert moves(draft.moves, draft.segments, draft.segments).empty


def test_today_is_the_run_as_it_was_asked_for(intake: Intake) -> None:
    sizes, weights = Sizes(min_size=200, max_size=400), Weights(conv_pot=1, lift=0, size=0, profitability=3)
    run = analyze(intake, load_policy("twelve-leaf"), Settings(sizes=sizes, weights=weights))
    draft = tried(run)
    pd.testing.assert_frame_equal(draft.table, run.scores.table[list(draft.table)])
    assert (draft.policy.sizes, draft.policy.weights) == (sizes, weights)
    assert draft.moves.shape == (len(draft.segments),) * 2


def test_a_saved_draft_gives_on_the_command_line_what_the_page_showed(intake: Intake, run: Run, tmp_path: Path) -> None:
    base = build_what_if(run.segmentation.customers, run.policy, run.segmentation.scale)
    slider = trials.sliders(base)[0]
    chosen = tuple(list(slider.places.values())[place] for place in (2, 15))
    asked = trials.TrialRequest(((slider.knob, chosen),), Sizes(min_size=90), Weights(profitability=0.5))
    draft = tried(run, asked)
    path = Workspace(tmp_path).keep_policy(trials.named(draft.policy, "Autumn: cut lower"))
    assert path.name == "autumn-cut-lower.yaml"
    assert policy_from_yaml(path.read_text()).title == "Autumn: cut lower"
    again = analyze(intake, load_policy(path))
    pd.testing.assert_frame_equal(again.scores.table[list(draft.table)], draft.table)


def test_a_policy_of_a_name_that_is_taken_is_not_kept(run: Run, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="already"):
        Workspace(tmp_path).keep_policy(run.policy)
    mine = trials.named(run.policy, "Mine")
    Workspace(tmp_path).keep_policy(mine)
    with pytest.raises(OptionError, match="'mine' already"):
        Workspace(tmp_path).keep_policy(mine)


@given(title=st.text(min_size=1, max_size=100))
def test_whatever_a_policy_is_called_its_file_stays_in_the_folder(run: Run, title: str) -> None:
    name = trials.named(run.policy, title).name
    assert (Path("/w/policies") / f"{name}.yaml").resolve().parent == Path("/w/policies")
    assert name.isascii()


def test_kept_policies_that_cannot_be_read_are_left_out(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RETENTION_WORKSPACE", str(tmp_path))
    Workspace(tmp_path).keep_policy(trials.named(run.policy, "Mine"))
    (tmp_path / "policies" / "broken.yaml").write_text("tree: [")
    assert [name for name in policies.known() if name not in policies.shipped()] == ["mine"]


def test_each_place_of_a_slider_has_a_label_of_its_own(run: Run) -> None:
    base = build_what_if(run.segmentation.customers, run.policy, run.segmentation.scale)
    for slider in trials.sliders(base):
        assert len(slider.places) == len(base.stops[slider.knob])
        assert [slider.places[label].value for label in slider.today] == list(base.fitted[slider.knob])
    close = [Stop("q5", 0.12341), Stop("q10", 0.12342)]
    assert len(set(trials.labels_of(close, [0.05, 0.05]))) == 2


def test_shares_of_a_slider_are_those_of_the_customers_at_or_below(run: Run) -> None:
    base = build_what_if(run.segmentation.customers, run.policy, run.segmentation.scale)
    (feature, _), stops = next(iter(base.stops.items()))
    values = run.segmentation.customers[feature].dropna()
    wanted = [float((values <= stop.value).mean()) for stop in stops]
    assert trials.shares_below(base, feature, stops) == pytest.approx(wanted)


def test_names_in_the_charts_of_two_states_are_text() -> None:
    names = ["<script>alert(1)</script>", "B"]
    colours = dict(zip(names, palette.SEGMENTS, strict=False))
    matrix = np.array([[5, 2], [0, 9]])
    sides = pd.DataFrame({"Today": [7.0, 9.0], "Draft": [5.0, float("nan")]}, index=names)
    drawn = [
        figures_compare.flows(matrix, names, names, colours, dark=True),
        figures_compare.heat(matrix, names, names, dark=False),
        figures_compare.before_after(sides, colours, str, dark=False),
        figures_compare.shares(pd.DataFrame([[1, 2], [0, 0]], index=names, columns=["<b>x", "y"])),
    ]
    assert not any("<script" in figure.to_json().replace("\\u003c", "<") for figure in drawn)
    assert len(drawn[0].data[0].link.value) == 3


@pytest.mark.parametrize("dark", [False, True])
def test_numbers_in_the_matrix_can_be_read(dark: bool) -> None:
    assert contrast(palette.surface(dark).text, palette.SHARES[dark]) >= 4.5
    scale = figures_compare.heat(np.array([[1]]), ["A"], ["A"], dark=dark).data[0].colorscale
    assert [place for place, _ in scale] == [0, 1]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
