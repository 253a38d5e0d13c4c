"""The source keeps the rules of the house, and each rule can fail."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from tests import source_rules as rules
from tests.source_rules import LAYERS, OUTSIDE, Source

Rule = Callable[[Source], Iterator[str]]

PRODUCT_RULES: tuple[Rule, ...] = (
    rules.imports_inwards,
    rules.rooms_import_inwards,
    rules.no_private_names_of_others,
    rules.domain_is_pure,
    rules.values_have_classes,
    rules.measures_stand_in_one_table,
    rules.one_door_opens_files,
    rules.clock_in_shells_only,
    rules.randomness_is_an_argument,
    rules.session_state_in_one_file,
    rules.durable_in_one_file,
    rules.the_workspace_is_a_value,
    rules.pages_write_no_file,
    rules.one_bounded_memory,
    rules.one_search,
    rules.common_pieces_stand_once,
    rules.nothing_executable_from_data,
    rules.one_console,
    rules.no_builtin_hash,
    rules.shells_name_settings,
    rules.messages_are_not_parsed,
    rules.names_follow_the_glossary,
    rules.options_are_values,
)
GENERAL_RULES: tuple[Rule, ...] = (
    rules.has_a_layer,
    rules.import_path_is_edited_once,
    rules.functions_are_short,
    rules.files_are_short,
    rules.everything_is_annotated,
    rules.tests_wait_for_states,
    rules.text_is_plain,
)

HEAVY = (
    "duckdb",
    "faker",
    "numpy",
    "openpyxl",
    "pandas",
    "plotly",
    "pyarrow",
    "pydantic",
    "pyvis",
    "scipy",
    "sqlalchemy",
    "streamlit",
)

UNUSED_BY_A_PLAIN_RUN = (
    "data_generation",
    "data_ingestion.inspection",
    "duckdb",
    "faker",
    "kmeans1d",
    "openpyxl",
    "outputs.report",
    "run_store.erasure",
    "run_store.lookup",
    "run_store.transfer",
    "scipy.sparse",
    "scipy.stats",
    "sklearn",
    "sqlalchemy",
    "statsmodels",
    "streamlit",
)

LONG_FUNCTION = "def f() -> None:\n" + "    x = 1\n" * 40
DOCUMENTED_FUNCTION = "def f() -> None:\n    '''Say.\n" + "\n" * 40 + "    '''\n"

BROKEN: tuple[tuple[Rule, str, str], ...] = (
    (rules.has_a_layer, "helpers.py", "x = 1"),
    (rules.imports_inwards, "retention/partition/grid.py", "import segmentation_engine"),
    (rules.imports_inwards, "segmentation_engine.py", "from segment_scorer import score"),
    (rules.imports_inwards, "data_ingestion/csv.py", "def f() -> None:\n    from analysis import analyze"),
    (rules.imports_inwards, "frontend/app.py", "import main"),
    (rules.rooms_import_inwards, "retention/helpers.py", "x = 1"),
    (rules.rooms_import_inwards, "retention/customers/cube.py", "from retention.partition.grid import Grid"),
    (rules.rooms_import_inwards, "retention/experiment/cube.py", "from retention.partition.grid import Grid"),
    (rules.rooms_import_inwards, "data_ingestion/files/dates.py", "from data_ingestion.cells.dates import DateReader"),
    (rules.rooms_import_inwards, "cli/options/shared.py", "from cli.inputs.request import Request"),
    (rules.imports_inwards, "analysis/run.py", "from tools import browser"),
    (rules.rooms_import_inwards, "frontend/components/tree.py", "from frontend.views import summary"),
    (rules.rooms_import_inwards, "frontend/utils/state.py", "import frontend.components.tree"),
    (rules.no_private_names_of_others, "analysis/run.py", "from retention.partition.grid import _codes"),
    (rules.no_private_names_of_others, "analysis/run.py", "import retention._kernel"),
    (rules.domain_is_pure, "retention/policy/policy.py", "from pathlib import Path"),
    (rules.domain_is_pure, "retention/policy/policy.py", "text = open('policy.yaml')"),
    (rules.domain_is_pure, "retention/period.py", "import time"),
    (rules.values_have_classes, "segment_scorer.py", "class ScorableTree(Protocol):\n    segments: tuple[str, ...]"),
    (rules.values_have_classes, "retention/partition/outline.py", "class Tree(typing.Protocol): ..."),
    (rules.measures_stand_in_one_table, "frontend/utils/x.py", "X = ('Conv_Pot', 'Profitability', 'Size_norm')"),
    (rules.measures_stand_in_one_table, "cli/x.py", "X = {'conv_pot': 1, 'lift': 2, 'size': 3}"),
    (rules.measures_stand_in_one_table, "outputs/x.py", "X = ['Strategic fit', 'Relative size', 'Profitability']"),
    (rules.one_door_opens_files, "data_ingestion/inspection.py", "from data_ingestion.files.csv_text import open_csv"),
    (rules.one_door_opens_files, "data_ingestion/outcomes/x.py", "from data_ingestion.files.encodings import NotUtf8"),
    (rules.one_door_opens_files, "analysis/run.py", "from data_ingestion.files.table import read_table"),
    (rules.one_door_opens_files, "audience_export/lists.py", "csv.read_csv(path)"),
    (rules.one_door_opens_files, "cli/commands/power.py", "pd.read_excel(scores)"),
    (rules.clock_in_shells_only, "retention/period.py", "today = date.today()"),
    (rules.clock_in_shells_only, "run_store/catalog.py", "saved = datetime.datetime.now(UTC)"),
    (rules.clock_in_shells_only, "run_store/catalog.py", "saved = time.time()"),
    (rules.randomness_is_an_argument, "segment_scorer.py", "draws = np.random.normal(size=4)"),
    (rules.randomness_is_an_argument, "segment_scorer.py", "rng = np.random.default_rng()"),
    (rules.randomness_is_an_argument, "data_generation/people.py", "from random import choice"),
    (rules.session_state_in_one_file, "frontend/views/summary.py", "st.session_state['run'] = 1"),
    (rules.durable_in_one_file, "cli/shown/files.py", "os.fsync(stream.fileno())"),
    (rules.durable_in_one_file, "data_generation/files.py", "os.replace(part, path)"),
    (rules.the_workspace_is_a_value, "cli/commands/runs.py", "def show(workspace: Path, run: str) -> None: ..."),
    (rules.pages_write_no_file, "frontend/utils/policies.py", "path.write_text('x')"),
    (rules.pages_write_no_file, "frontend/utils/policies.py", "path.open('wb')"),
    (rules.pages_write_no_file, "frontend/utils/policies.py", "from outputs.durable import write_file"),
    (rules.one_bounded_memory, "frontend/views/summary.py", "@st.cache_data(max_entries=4)\ndef f() -> int: ..."),
    (rules.one_bounded_memory, "frontend/components/segments/people.py", "from functools import lru_cache"),
    (rules.one_bounded_memory, "frontend/utils/runs.py", "RUNS = Store[Run](size=9, size_of=len)"),
    (rules.one_bounded_memory, "frontend/utils/runs.py", "def f() -> None:\n    runs = Store[Run](entries=9)"),
    (rules.one_search, "frontend/components/segments/people.py", "customers['email'].str.contains(text)"),
    (rules.one_search, "frontend/components/segments/people.py", "pc.match_substring(emails, text)"),
    (rules.common_pieces_stand_once, "frontend/components/x.py", "st.metric('Sends', '7', border=True)"),
    (rules.common_pieces_stand_once, "frontend/views/x.py", "st.error(messages.details(error), title='No')"),
    (rules.common_pieces_stand_once, "frontend/components/x.py", "@st.dialog('Delete this?')\ndef f() -> None: ..."),
    (rules.nothing_executable_from_data, "run_store/catalog.py", "import pickle"),
    (rules.nothing_executable_from_data, "run_store/catalog.py", "pd.read_pickle('run')"),
    (rules.nothing_executable_from_data, "retention/partition/proof.py", "eval('1')"),
    (rules.nothing_executable_from_data, "retention/partition/proof.py", "customers.query('aov > 1')"),
    (rules.nothing_executable_from_data, "frontend/components/x.py", "st.markdown('<b>', unsafe_allow_html=True)"),
    (rules.one_console, "cli/commands/runs.py", "sys.stderr.write(question)"),
    (rules.one_console, "cli/commands/sql.py", "print('done')"),
    (rules.no_builtin_hash, "retention/partition/sizing.py", "wave = hash(user_id) % 2"),
    (rules.shells_name_settings, "analysis/run.py", "hint = f'Give {day} with --cutoff'"),
    (rules.shells_name_settings, "run_store/catalog.py", "hint = 'Run python main.py runs list'"),
    (rules.shells_name_settings, "analysis/run.py", "hint = 'Hold out a control group first: holdout RUN'"),
    (rules.shells_name_settings, "retention/activity/recovery.py", "note = 'the command backtest shows it'"),
    (rules.shells_name_settings, "run_store/workspace.py", "hint = f'Forget them on the page Settings, or {path}'"),
    (rules.shells_name_settings, "run_store/preferences.py", "hint = 'Press the button Reset'"),
    (rules.shells_name_settings, "retention/experiment/power.py", "raise OptionError('no', where='size')"),
    (rules.messages_are_not_parsed, "frontend/components/new_period/questions.py", "if 'mapping' in error.hint: ..."),
    (rules.messages_are_not_parsed, "frontend/utils/messages.py", "ASKED.search(error.what)"),
    (rules.messages_are_not_parsed, "data_ingestion/database/engine.py", "if error.what == TOO_LONG[0]: ..."),
    (rules.messages_are_not_parsed, "frontend/utils/messages.py", "look.error.hint.startswith('Run')"),
    (rules.messages_are_not_parsed, "cli/shown/reporting.py", "re.sub('--', '', str(error))"),
    (rules.import_path_is_edited_once, "frontend/utils/state.py", "sys.path.append('..')"),
    (rules.import_path_is_edited_once, "frontend/app.py", "sys.path.append('..')\nsys.path.append('.')"),
    (rules.functions_are_short, "analysis/run.py", LONG_FUNCTION),
    (rules.files_are_short, "analysis/run.py", "x = 1\n" * 401),
    (rules.files_are_short, "frontend/views/summary.py", "x = 1\n" * 61),
    (rules.files_are_short, "tests/analysis/test_run.py", "x = 1\n" * 601),
    (rules.everything_is_annotated, "analysis/run.py", "def f(x) -> None: ..."),
    (rules.everything_is_annotated, "analysis/run.py", "def f(x: int): ..."),
    (rules.everything_is_annotated, "analysis/run.py", "class A:\n    def f(self, *rest, **named) -> None: ..."),
    (rules.tests_wait_for_states, "tests/test_x.py", "time.sleep(1)"),
    (rules.tests_wait_for_states, "tests/test_x.py", "page.wait_for_timeout(500)"),
    (rules.tests_wait_for_states, "tests/test_x.py", "assert time.perf_counter() - begun < 2"),
    (rules.tests_wait_for_states, "tests/test_x.py", "expect(page.get_by_role('link')).to_be_visible(timeout=5_000)"),
    (rules.tests_wait_for_states, "tests/test_x.py", "AppTest.from_file('app.py', default_timeout=60)"),
    (rules.tests_wait_for_states, "tests/test_x.py", "process.wait(10)"),
    (rules.text_is_plain, "analysis/run.py", "label = 'Done \N{WHITE HEAVY CHECK MARK}'"),
    (rules.text_is_plain, "analysis/run.py", "label = 'Go \N{ROCKET}'"),
    (rules.text_is_plain, "analysis/run.py", "# ---- helpers ----"),
    (rules.names_follow_the_glossary, "data_generation/people.py", "mock_users = 1"),
    (rules.names_follow_the_glossary, "frontend/pages/summary.py", "x = 1"),
    (rules.options_are_values, "main.py", "def f(size: int) -> None:\n    run(locals())"),
    (rules.options_are_values, "cli/commands/lift.py", "def f(options: Mapping[str, Any]) -> None: ..."),
    (rules.options_are_values, "cli/commands/lift.py", "def f(*, options: dict[str, Any]) -> None: ..."),
)

SOUND: tuple[tuple[Rule, str, str], ...] = (
    (rules.has_a_layer, "tools/browser.py", "x = 1"),
    (rules.imports_inwards, "main.py", "import analysis\nfrom retention.errors import InputError\nimport json"),
    (rules.imports_inwards, "data_ingestion/csv.py", "from data_ingestion.text import cast"),
    (rules.rooms_import_inwards, "frontend/views/tree.py", "from frontend.components import tree"),
    (rules.rooms_import_inwards, "retention/partition/cube.py", "from retention.scores.measures import Scale"),
    (rules.rooms_import_inwards, "data_ingestion/reading.py", "from data_ingestion.sample import SAMPLE"),
    (rules.no_private_names_of_others, "retention/partition/cube.py", "from retention.partition.grid import _codes"),
    (rules.no_private_names_of_others, "analysis/run.py", "from __future__ import annotations"),
    (rules.domain_is_pure, "data_ingestion/csv.py", "from pathlib import Path"),
    (rules.measures_stand_in_one_table, "outputs/report/charts.py", "X = ('Segment', 'Conv_Pot', 'Profitability')"),
    (rules.values_have_classes, "data_ingestion/files/byte_source.py", "class Readable(Protocol): ..."),
    (rules.one_door_opens_files, "data_ingestion/reading.py", "from data_ingestion.files.table import read_table"),
    (rules.one_door_opens_files, "cli/commands/power.py", "read_whole(scores, ReadOptions())"),
    (rules.one_door_opens_files, "outputs/verification.py", "csv.read_csv(path)"),
    (rules.clock_in_shells_only, "main.py", "datetime.now(UTC)"),
    (rules.clock_in_shells_only, "retention/period.py", "local = stamp.time()"),
    (rules.randomness_is_an_argument, "segment_scorer.py", "rng = np.random.default_rng(seed)\nrng.normal()"),
    (rules.session_state_in_one_file, "frontend/state.py", "st.session_state['run'] = 1"),
    (rules.durable_in_one_file, "outputs/durable.py", "os.fsync(stream.fileno())"),
    (rules.the_workspace_is_a_value, "cli/commands/runs.py", "def show(workspace: Workspace, run: str) -> None: ..."),
    (
        rules.pages_write_no_file,
        "frontend/utils/workspace.py",
        "path.open('rb')\nworkspace().rename(run, name)",
    ),
    (rules.one_bounded_memory, "frontend/components/x.py", "RUNS = Store[Run](entries=9)"),
    (rules.one_bounded_memory, "frontend/components/x.py", "from functools import partial"),
    (rules.one_search, "frontend/components/segments/people.py", "search_frame(customers, text)"),
    (rules.common_pieces_stand_once, "frontend/components/x.py", "pieces.problem(error)\nst.warning('Choose a file')"),
    (rules.nothing_executable_from_data, "data_ingestion/csv.py", "connection.execute('select 1')\nre.compile('a')"),
    (rules.shells_name_settings, "cli/shown/setting_names.py", "name = '--cutoff'"),
    (rules.shells_name_settings, "analysis/run.py", "def f() -> None:\n    'Take --cutoff.'\n    'a--b'"),
    (rules.shells_name_settings, "data_ingestion/files/table.py", "what = 'is a web page'\nerror(where=name)"),
    (rules.shells_name_settings, "retention/experiment/power.py", "raise OptionError('no', where=Setting.SIZE)"),
    (rules.one_console, "cli/shown/console.py", "sys.stderr.write(question)"),
    (rules.messages_are_not_parsed, "frontend/utils/messages.py", "fmt.sentence(error.hint)"),
    (rules.import_path_is_edited_once, "frontend/app.py", "sys.path.append('..')"),
    (rules.functions_are_short, "analysis/run.py", DOCUMENTED_FUNCTION),
    (rules.everything_is_annotated, "analysis/run.py", "class A:\n    def f(self, x: int) -> int: ..."),
    (rules.tests_wait_for_states, "tests/waiting.py", "time.sleep(PAUSE)"),
    (rules.tests_wait_for_states, "tests/test_x.py", "process.wait(timeout=PATIENCE)\nlocal = stamp.time()"),
    (rules.tests_wait_for_states, "benchmarks/server/pages.py", "begun = time.perf_counter()"),
    (rules.text_is_plain, "analysis/run.py", "label = 'Sizes \N{RIGHTWARDS ARROW} scores'  # why"),
    (rules.names_follow_the_glossary, "main.py", "mock_size = 10_000"),
    (rules.names_follow_the_glossary, "frontend/components/x.py", "hint = 'python main.py --mock'"),
    (rules.options_are_values, "cli/commands/lift.py", "def f(options: LiftOptions) -> None: ..."),
)


@cache
def sources(root: Path) -> list[Source]:
    """Return all Python files; read, parsed and walked once for all rules."""
    names = sorted(OUTSIDE.union(*LAYERS))
    files = [*root.glob("*.py"), *(file for name in names for file in (root / name).rglob("*.py"))]
    return [Source(file.relative_to(root).as_posix(), file.read_text(encoding="utf-8")) for file in files]


@pytest.mark.parametrize("rule", PRODUCT_RULES, ids=lambda rule: rule.__name__)
def test_the_product_keeps_the_rule(rule: Rule, root: Path) -> None:
    product = [source for source in sources(root) if source.top not in OUTSIDE]
    assert product
    assert not [fault for source in product for fault in rule(source)]


@pytest.mark.parametrize("rule", GENERAL_RULES, ids=lambda rule: rule.__name__)
def test_all_python_keeps_the_rule(rule: Rule, root: Path) -> None:
    assert not [fault for source in sources(root) for fault in rule(source)]


@pytest.mark.parametrize(("rule", "path", "text"), BROKEN)
def test_the_rule_finds_a_fault(rule: Rule, path: str, text: str) -> None:
    faults = list(rule(Source(path, text)))
    assert faults
    assert faults[0].startswith(f"{path}:")


@pytest.mark.parametrize(("rule", "path", "text"), SOUND)
def test_the_rule_lets_sound_code_pass(rule: Rule, path: str, text: str) -> None:
    assert not list(rule(Source(path, text)))


def test_each_rule_is_shown_to_fail() -> None:
    assert {rule for rule, _, _ in BROKEN} == {*PRODUCT_RULES, *GENERAL_RULES}


def test_no_code_hides_in_folders_without_a_layer(root: Path) -> None:
    known = OUTSIDE.union(*LAYERS)
    others = [folder for folder in root.iterdir() if folder.is_dir() and not folder.name.startswith(".")]
    assert not [folder.name for folder in others if folder.name not in known and any(folder.rglob("*.py"))]


def loaded_by(statement: str, root: Path) -> set[str]:
    code = f"{statement}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_command_line_starts_without_heavy_modules(root: Path) -> None:
    assert not loaded_by("import main", root) & set(HEAVY)


def test_a_plain_run_loads_only_what_it_uses(root: Path, tmp_path: Path) -> None:
    """Of scipy it needs the quantiles of intervals (special)."""
    (tmp_path / "carts.csv").write_text(
        "user_id,cart_abandoned_date,avg_order_value,engagement_score\n"
        + "".join(f"u{place},2025-09-2{place % 7},{20 + place},0.5\n" for place in range(20))
    )
    arguments = ["--input", str(tmp_path / "carts.csv"), "--output_dir", str(tmp_path / "out")]
    run = f"app({arguments!r}, standalone_mode=False)"
    loaded = loaded_by(f"from main import app\n{run}", root)
    assert "segmentation_engine" in loaded
    assert not loaded & set(UNUSED_BY_A_PLAIN_RUN)


def test_a_heavy_module_would_be_seen(root: Path) -> None:
    assert "numpy" in loaded_by("import retention\nimport numpy", root) & set(HEAVY)
