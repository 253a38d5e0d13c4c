"""Rules about the source that no linter knows; `test_architecture.py` applies them.

A rule takes a `Source` and yields its faults as `path:line: text`. It looks at the syntax tree, never at running code.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

from retention.scores.measures import MEASURES

LAYERS: tuple[frozenset[str], ...] = (
    frozenset({"retention"}),
    frozenset({"segmentation_engine", "segment_scorer", "data_ingestion", "workers"}),
    frozenset({"analysis"}),
    frozenset({"outputs"}),
    # What they write is written as runs are.
    frozenset({"run_store", "audience_export", "data_generation"}),
    # A week from its customers to what was learnt of them.
    frozenset({"weekly"}),
    # The command line's own modules; `main` declares the commands and `cli` runs them.
    frozenset({"cli"}),
    frozenset({"main", "frontend"}),
)
"""A module imports from lower layers only, and never from another module of its own layer."""

ROOMS: dict[str, tuple[frozenset[str], ...]] = {
    "retention": (
        frozenset({"errors", "period", "hashing", "wording"}),
        frozenset({"customers"}),
        frozenset({"policy"}),
        frozenset({"scores"}),
        frozenset({"partition", "activity", "experiment", "customer_value"}),
        frozenset({"rules", "search", "sql"}),
    ),
    "data_ingestion": (
        frozenset({"formats"}),
        frozenset({"options"}),
        frozenset({"files"}),
        frozenset({"cells"}),
        frozenset({"rows"}),
        frozenset({"recognition"}),
        frozenset({"originals", "reading", "frames", "inspection", "sample"}),
        frozenset({"outcomes", "database", "cluster"}),
    ),
    "outputs": (
        frozenset({"names", "rights", "durable"}),
        frozenset({"cells", "assignments", "reports", "verification", "ownership", "publishing"}),
        frozenset({"spread"}),
        frozenset({"run_folder", "archive", "report"}),
        frozenset({"tables"}),
    ),
    "cli": (frozenset({"shown"}), frozenset({"options"}), frozenset({"inputs"}), frozenset({"commands"})),
    "frontend": (
        frozenset({"state"}),
        frozenset({"utils"}),
        frozenset({"components", "door"}),
        frozenset({"views"}),
        frozenset({"app"}),
    ),
}
"""Inside a package, a room imports itself and rooms of earlier rows. Files of one row may know each other."""
APART = frozenset(
    {"partition", "activity", "experiment", "customer_value", "outcomes", "database", "cluster", "report", "sql"}
)
"""Folders of one row, which don't know each other."""

THE_DOOR = "data_ingestion/files/table.py"
ONE_WAY_IN: dict[str, frozenset[str]] = {
    **dict.fromkeys(
        (
            "open_csv",
            "open_blank_separated",
            "open_jsonl",
            "open_parquet",
            "open_excel",
            "sniff_encoding",
            "choose_encoding",
        ),
        frozenset({THE_DOOR}),
    ),
    "NotUtf8": frozenset({THE_DOOR, "data_ingestion/files/csv_text.py", "data_ingestion/files/jsonl_text.py"}),
    "read_table": frozenset(
        {
            "data_ingestion/reading.py",
            "data_ingestion/files/peek.py",
            "data_ingestion/files/repairs.py",
            "data_ingestion/files/whole.py",
            "data_ingestion/originals.py",
            "data_ingestion/outcomes/outcome_rows.py",
        }
    ),
}
"""Names of what opens a file of data, and the files that may import them."""
OPENS_TABLES = frozenset({"read_csv", "open_csv", "read_excel", "read_json", "read_fwf", "reader", "DictReader"})
"""Calls of libraries that find header and dialect themselves."""
OWN_TABLES = {
    "outputs/verification.py": "reads back what was just written",
    "audience_export/verification.py": "reads back what was just written",
    "retention/rules/decision_table.py": "a table of rules, given as text",
}
"""The files outside the door that may call them, and why."""

OUTSIDE = frozenset({"tests", "tools", "benchmarks"})
TABLE_OF_MEASURES = "retention.scores.measures"
VALUES = frozenset({"retention", "segmentation_engine", "segment_scorer", "analysis"})
SHELLS = frozenset({"main", "frontend"})

IMPURE_MODULES = frozenset(
    {"io", "os", "pathlib", "random", "shutil", "socket", "streamlit", "subprocess", "tempfile", "time", "urllib"}
)
PICKLES = frozenset({"cloudpickle", "dill", "joblib", "marshal", "pickle", "shelve"})
LOOKS = frozenset(
    {"search", "match", "fullmatch", "sub", "split", "startswith", "endswith", "find", "replace", "partition"}
)
MESSAGE_PARTS = frozenset({"what", "where", "hint"})
ERRORS = frozenset({"error", "problem", "failure"})
CLOCK_CALLS = frozenset({"now", "today", "utcnow", "time", "time_ns"})
SEEDLESS = frozenset({"seed", "random", "rand", "randn", "randint", "choice", "shuffle", "permutation", "normal"})
STATE_FILES = frozenset({"frontend/state.py"})
DURABLE_CALLS = frozenset(
    {"os.fsync", "os.fdatasync", "os.replace", "os.rename", "tempfile.NamedTemporaryFile", "tempfile.mkstemp"}
)
WRITES = frozenset({"write_bytes", "write_text", "touch", "unlink", "rmtree"})
CACHES = frozenset({"cache_data", "cache_resource", "cache", "lru_cache"})
MEMORY = "frontend/utils/store.py"
PIECES = "frontend/utils/pieces.py"
CLOCKS_OF_TESTS = {
    "tests/waiting.py": "asks again and again for what tells nobody that it is there",
    "tests/soak/fuzz_rows.py": "says how fast it is while it runs; nothing is decided by it",
    "tests/servers/provider.py": "a token says when it was issued",
}
"""The files of tests that may sleep and read the clock, and why."""
SLEEPS = frozenset({"sleep", "wait_for_timeout", "perf_counter", "monotonic", "time", "process_time"})
EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b50\u2b55\ufe0f]")
BANNER = re.compile(r"^\s*#\s*[-=#*_~]{3,}")
MOCK = re.compile(r"(?<!--)mock", re.IGNORECASE)

SHELL_WORDS = {
    "an option": re.compile(r"(?<![\w-])--[a-z]|main\.py"),
    "a command": re.compile(r"\bcommand (line|[a-z]+)\b|\b[a-z]+ (RUN|FILE|COLUMN)\b"),
    "a page or a widget": re.compile(r"\b(the|on) page\b|\bpage [A-Z]|\bdashboard|\b(sidebar|widget|button)s?\b"),
}
SHELL_ROOMS = SHELLS | {"cli"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """One Python file.

    Args:
        path: Its path from the repository's root, with slashes.
        text: What it holds.
    """

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree."""
        return ast.parse(self.text)

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Every node of the tree, walked once for all rules."""
        return tuple(ast.walk(self.tree))

    @property
    def module(self) -> str:
        """The dotted name that the file is imported by."""
        return ".".join(PurePosixPath(self.path).with_suffix("").parts).removesuffix(".__init__")

    @property
    def top(self) -> str:
        """The first part of the module's name."""
        return self.module.split(".")[0]

    def imports(self) -> Iterator[tuple[int, str]]:
        """Yield line and dotted name of everything imported; `from a import b` gives `a.b`."""
        for node in self.nodes:
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from ((node.lineno, f"{node.module or '.'}.{alias.name}") for alias in node.names)

    def calls(self) -> Iterator[tuple[int, str, ast.Call]]:
        """Yield line, dotted name and node of every call; a call on a value gives `?.name`."""
        for node in self.nodes:
            if isinstance(node, ast.Call):
                yield node.lineno, dotted(node.func), node

    def functions(self) -> Iterator[Function]:
        """Yield every function and method."""
        for node in self.nodes:
            if isinstance(node, Function):
                yield node

    def fault(self, line: int, text: str) -> str:
        """Return a fault as people read it."""
        return f"{self.path}:{line}: {text}"


def dotted(node: ast.expr) -> str:
    """Return `a.b.c` for such an expression, with `?` for a first part that is no name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return "?"


def has_a_layer(source: Source) -> Iterator[str]:
    """Every module stands in the table of layers."""
    if source.top not in OUTSIDE.union(*LAYERS):
        yield source.fault(1, f"'{source.top}' has no layer")


def imports_inwards(source: Source) -> Iterator[str]:
    """A module imports its own package and lower layers only."""
    rank = {name: number for number, layer in enumerate(LAYERS) for name in layer}
    known = OUTSIDE | rank.keys()
    for line, name in source.imports():
        top = name.split(".")[0]
        inwards = top == source.top or rank.get(top, len(LAYERS)) < rank.get(source.top, 0)
        if top in known and not inwards:
            yield source.fault(line, f"{source.top} imports {name}, which is not further in")


def rooms_import_inwards(source: Source) -> Iterator[str]:
    """Inside a package, every file stands in a room, and rooms import only rooms before them."""
    own = _place(source.module)
    if source.top in ROOMS and source.module != source.top and own is None:
        yield source.fault(1, f"{source.module} stands in no room of {source.top}")
    for line, name in source.imports():
        other = _place(name)
        if own is None or other is None or name.split(".")[0] != source.top:
            continue
        (rank, room), (other_rank, other_room) = own, other
        beside = other_rank == rank and bool({room, other_room} & APART)
        if room != other_room and (other_rank > rank or beside):
            yield source.fault(line, f"{source.module} imports {name}, which is not further in")


def _place(module: str) -> tuple[int, str] | None:
    """Return the row and the room of a module inside its package."""
    top, _, inside = module.partition(".")
    room = inside.split(".")[0]
    rows = enumerate(ROOMS.get(top, ()))
    return next(((rank, room) for rank, row in rows if room in row), None)


def no_private_names_of_others(source: Source) -> Iterator[str]:
    """A name with a leading underscore stays in its package."""
    for line, name in source.imports():
        parts = name.split(".")
        private = any(part.startswith("_") and not part.startswith("__") for part in parts)
        if private and parts[0] != source.top:
            yield source.fault(line, f"{name} is private")


def domain_is_pure(source: Source) -> Iterator[str]:
    """`retention` reads no file, no clock, no environment, and draws no unseeded number."""
    if source.top != "retention":
        return
    for line, name in source.imports():
        if name.split(".")[0] in IMPURE_MODULES:
            yield source.fault(line, f"the domain imports {name}")
    for line, name, _ in source.calls():
        if name in ("open", "input", "print"):
            yield source.fault(line, f"the domain calls {name}()")


def values_have_classes(source: Source) -> Iterator[str]:
    """Where the values live, nothing is described by a second class: `FittedTree` is one class for every reader."""
    if source.top not in VALUES:
        return
    for node in source.nodes:
        if isinstance(node, ast.ClassDef) and any(dotted(base).endswith("Protocol") for base in node.bases):
            yield source.fault(node.lineno, f"{node.name} describes a value that should have a class")


def measures_stand_in_one_table(source: Source) -> Iterator[str]:
    """Columns, labels and weights of the measures are listed in the table of measures, and nowhere else."""
    if source.module == TABLE_OF_MEASURES:
        return
    named = [{getattr(each, field) for each in MEASURES.values()} for field in ("column", "label", "weight")]
    for node in source.nodes:
        if not isinstance(node, ast.Dict | ast.Tuple | ast.List | ast.Set):
            continue
        listed = node.keys if isinstance(node, ast.Dict) else node.elts
        texts = {item.value for item in listed if isinstance(item, ast.Constant)}
        if any(len(texts & names) > 2 for names in named):
            yield source.fault(node.lineno, "a second list of measures")


def one_door_opens_files(source: Source) -> Iterator[str]:
    """What a file of data is gets found in one place, and nothing outside `data_ingestion` opens a table by itself."""
    if source.top != "data_ingestion" and source.path not in OWN_TABLES:
        for line, name, _ in source.calls():
            if name.rpartition(".")[2] in OPENS_TABLES:
                yield source.fault(line, f"{name}() opens a table; read_whole and the readers go through {THE_DOOR}")
    for line, name in source.imports():
        last = name.split(".")[-1]
        if name.startswith("data_ingestion.files.") and source.path not in ONE_WAY_IN.get(last, {source.path}):
            yield source.fault(line, f"{last} opens files, which only {', '.join(sorted(ONE_WAY_IN[last]))} may do")


def clock_in_shells_only(source: Source) -> Iterator[str]:
    """Only the shells read the clock."""
    if source.top in SHELLS:
        return
    for line, name, _ in source.calls():
        owner, _, last = name.rpartition(".")
        if owner and last in CLOCK_CALLS and (last not in ("time", "time_ns") or owner == "time"):
            yield source.fault(line, f"{name}() reads the clock")


def randomness_is_an_argument(source: Source) -> Iterator[str]:
    """No global random state, no generator without a seed."""
    for line, name in source.imports():
        if name.split(".")[0] == "random":
            yield source.fault(line, "the module random has global state")
    for line, name, call in source.calls():
        owner, _, last = name.rpartition(".")
        if owner in ("np.random", "numpy.random") and last in SEEDLESS:
            yield source.fault(line, f"{name}() has global state")
        if last == "default_rng" and not call.args and not call.keywords:
            yield source.fault(line, "default_rng() has no seed")


def session_state_in_one_file(source: Source) -> Iterator[str]:
    """Only the state file touches the session's state."""
    if source.path in STATE_FILES:
        return
    for node in source.nodes:
        if isinstance(node, ast.Attribute) and node.attr == "session_state":
            yield source.fault(node.lineno, "session_state outside the state file")


def one_bounded_memory(source: Source) -> Iterator[str]:
    """The dashboard remembers in a `Store` alone, declared with its bound at the top of the file that uses it."""
    if source.top != "frontend" or source.path == MEMORY:
        return
    for line, name in source.imports():
        if name.startswith("functools.") and name.split(".")[1] in CACHES:
            yield source.fault(line, f"{name} is a memory beside {MEMORY}")
    declared = {
        id(node.value) for node in source.tree.body if isinstance(node, ast.Assign | ast.AnnAssign) if node.value
    }
    for node in source.nodes:
        if isinstance(node, ast.Attribute) and node.attr in CACHES:
            yield source.fault(node.lineno, f"{node.attr} is a memory beside {MEMORY}")
        elif isinstance(node, ast.Call) and _is_store(node.func):
            if id(node) not in declared:
                yield source.fault(node.lineno, "a store is declared at the top of its file")
            if not any(keyword.arg == "entries" for keyword in node.keywords):
                yield source.fault(node.lineno, "a store without a bound")


def _is_store(function: ast.expr) -> bool:
    """Return whether a call makes a store; `Store[Run](...)` names what it holds."""
    return dotted(function.value if isinstance(function, ast.Subscript) else function) == "Store"


def one_search(source: Source) -> Iterator[str]:
    """The dashboard looks for customers by the query layer alone, so that memory and file give the same answer."""
    if source.top != "frontend":
        return
    for line, name, _ in source.calls():
        if name.endswith((".str.contains", ".str.startswith", ".str.match", ".match_substring", ".starts_with")):
            yield source.fault(line, f"{name}() is a search beside run_store/lookup.py")


def common_pieces_stand_once(source: Source) -> Iterator[str]:
    """What several pages have in common is drawn by one piece."""
    if source.top != "frontend" or source.path == PIECES:
        return
    for line, name, call in source.calls():
        framed = name == "st.metric" and any(keyword.arg == "border" for keyword in call.keywords)
        if framed or name in ("st.plotly_chart", "st.table", "st.download_button"):
            yield source.fault(line, f"{name}() stands in {PIECES}")
        told = [dotted(inner.func) for inner in ast.walk(call) if isinstance(inner, ast.Call)]
        if name in ("st.error", "st.warning") and "messages.details" in told:
            yield source.fault(line, f"an error is told by {PIECES}")
        if name == "st.dialog" and any(text.startswith("Delete") for text in _texts(call)):
            yield source.fault(line, f"{PIECES} asks before something is deleted")


def _texts(call: ast.Call) -> list[str]:
    return [inner.value for inner in ast.walk(call) if isinstance(inner, ast.Constant) and isinstance(inner.value, str)]


def durable_in_one_file(source: Source) -> Iterator[str]:
    """One file forces bytes to the disk and puts files in place; whatever is kept goes through it."""
    if source.path == "outputs/durable.py":
        return
    for line, name, _ in source.calls():
        if name in DURABLE_CALLS:
            yield source.fault(line, f"{name}() outside outputs/durable.py")


def the_workspace_is_a_value(source: Source) -> Iterator[str]:
    """What is done with a workspace is a method of it; no function takes its folder."""
    for function in source.functions():
        for argument in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs):
            named = argument.annotation
            if argument.arg == "workspace" and isinstance(named, ast.Name) and named.id == "Path":
                yield source.fault(function.lineno, f"{function.name} takes the folder of a workspace")


def pages_write_no_file(source: Source) -> Iterator[str]:
    """The dashboard keeps nothing itself; uploads go into a temporary folder by one file."""
    if source.top != "frontend" or source.path == "frontend/utils/files.py":
        return
    for line, name in source.imports():
        if name.startswith("outputs.durable"):
            yield source.fault(line, "a page writes a file")
    for line, name, call in source.calls():
        mode = [a.value for a in call.args if isinstance(a, ast.Constant) and name.split(".")[-1] == "open"]
        if name.split(".")[-1] in WRITES or any(set(str(text)) & set("wxa+") for text in mode):
            yield source.fault(line, f"{name}() writes a file")


def nothing_executable_from_data(source: Source) -> Iterator[str]:
    """Nothing is unpickled, evaluated or shown as raw HTML."""
    for line, name in source.imports():
        if name.split(".")[0] in PICKLES:
            yield source.fault(line, f"{name} runs code from data")
    for line, name, call in source.calls():
        if name in ("eval", "exec", "compile") or ("." in name and name.endswith((".eval", ".query"))):
            yield source.fault(line, f"{name}() runs code from data")
        if name.endswith("read_pickle") or any(keyword.arg == "unsafe_allow_html" for keyword in call.keywords):
            yield source.fault(line, "runs code from data")


def shells_name_settings(source: Source) -> Iterator[str]:
    """Below the shells no text names an option, a command or a page: an error names a `Setting`."""
    if source.top in SHELL_ROOMS:
        return
    documentation = {id(node.value) for node in source.nodes if isinstance(node, ast.Expr)}
    for node in source.nodes:
        if isinstance(node, ast.keyword) and node.arg == "where" and isinstance(node.value, ast.Constant):
            yield source.fault(node.value.lineno, "where an error is gets written out; name a Setting")
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in documentation:
            continue
        named = [kind for kind, words in SHELL_WORDS.items() if words.search(node.value)]
        yield from (source.fault(node.lineno, f"text names {kind}") for kind in named)


def messages_are_not_parsed(source: Source) -> Iterator[str]:
    """Nobody decides by the text of an error: its class and its settings say what it is."""
    for node in source.nodes:
        if isinstance(node, ast.Compare) and any(isinstance(op, ast.In | ast.NotIn) for op in node.ops):
            texts = node.comparators
        elif isinstance(node, ast.Compare):
            # Where an error is may be compared: it is the name of a file or of a setting.
            texts = [each for each in (node.left, *node.comparators) if getattr(each, "attr", "") != "where"]
        elif isinstance(node, ast.Call):
            owner = node.func.value if isinstance(node.func, ast.Attribute) else None
            texts = [*node.args, *([owner] if owner is not None else [])] if _looks(node) else []
        else:
            continue
        if any(_is_message(text) for text in texts):
            yield source.fault(node.lineno, "the text of an error is parsed")


def _looks(call: ast.Call) -> bool:
    """Return whether a call looks into a text."""
    return dotted(call.func).rpartition(".")[2] in LOOKS


def _is_message(node: ast.expr) -> bool:
    """Return whether a value is what an error says: `error.hint`, `str(error)`."""
    if isinstance(node, ast.Call) and dotted(node.func) == "str" and node.args:
        return _is_error(node.args[0])
    return isinstance(node, ast.Attribute) and node.attr in MESSAGE_PARTS and _is_error(node.value)


def _is_error(node: ast.expr) -> bool:
    return dotted(node).rpartition(".")[2] in ERRORS


def one_console(source: Source) -> Iterator[str]:
    """Commands write to the terminal by `cli/shown`, which lets nothing in a text reach it as a command."""
    if source.top != "cli" or source.path.startswith("cli/shown/"):
        return
    for line, name, _ in source.calls():
        if name in ("print", "typer.echo", "sys.stdout.write", "sys.stderr.write") or name.endswith("Console"):
            yield source.fault(line, f"{name}() writes to the terminal beside cli/shown/console.py")


def no_builtin_hash(source: Source) -> Iterator[str]:
    """The built-in hash differs from process to process."""
    for line, name, _ in source.calls():
        if name == "hash":
            yield source.fault(line, "hash() differs from process to process")


def import_path_is_edited_once(source: Source) -> Iterator[str]:
    """Only frontend/app.py extends the import path, in one line."""
    lines = [node.lineno for node in source.nodes if isinstance(node, ast.Attribute) and dotted(node) == "sys.path"]
    allowed = 1 if source.path == "frontend/app.py" else 0
    for line in sorted(set(lines))[allowed:]:
        yield source.fault(line, "sys.path is edited")


def functions_are_short(source: Source) -> Iterator[str]:
    """A function has at most 40 lines; its docstring does not count."""
    for function in source.functions():
        length = (function.end_lineno or function.lineno) - function.lineno + 1 - _docstring_lines(function)
        if length > 40:
            yield source.fault(function.lineno, f"{function.name} has {length} lines, not at most 40")


def _docstring_lines(function: Function) -> int:
    first = function.body[0]
    if ast.get_docstring(function) is None:
        return 0
    return (first.end_lineno or first.lineno) - first.lineno + 1


def files_are_short(source: Source) -> Iterator[str]:
    """A file has at most 400 lines, 600 in tests, 60 in views."""
    limit = 600 if source.top == "tests" else 60 if source.path.startswith("frontend/views/") else 400
    length = len(source.text.splitlines())
    if length > limit:
        yield source.fault(limit, f"{length} lines, not at most {limit}")


def everything_is_annotated(source: Source) -> Iterator[str]:
    """Every function says what it takes and gives."""
    for function in source.functions():
        given = function.args
        arguments = [*given.posonlyargs, *given.args, *given.kwonlyargs, *filter(None, (given.vararg, given.kwarg))]
        bare = [a.arg for a in arguments if a.annotation is None and a.arg not in ("self", "cls")]
        if bare or function.returns is None:
            yield source.fault(function.lineno, f"{function.name} lacks annotations: {', '.join(bare) or 'return'}")


def tests_wait_for_states(source: Source) -> Iterator[str]:
    """A test neither sleeps nor measures time, and its only limit of time is PATIENCE, in `tests/waiting.py`."""
    if source.top != "tests" or source.path in CLOCKS_OF_TESTS:
        return
    for line, name, call in source.calls():
        owner, _, last = name.rpartition(".")
        if last in SLEEPS and (last != "time" or owner == "time"):
            yield source.fault(line, f"{name}() waits or measures; wait for a state")
        limits = [each.value for each in call.keywords if each.arg in ("timeout", "default_timeout")]
        if owner and last == "wait" and call.args:
            limits.append(call.args[0])
        if any(isinstance(each, ast.Constant) and each.value for each in limits):
            yield source.fault(line, f"{name}() has a limit of its own; wait for a state")


def options_are_values(source: Source) -> Iterator[str]:
    """Options are a dataclass, whose fields a checker knows: no `locals()`, no dict of options as an argument."""
    for line, name, _ in source.calls():
        if name == "locals":
            yield source.fault(line, "locals() makes options that nothing checks")
    for function in source.functions():
        for argument in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs):
            kind = "" if argument.annotation is None else ast.unparse(argument.annotation)
            if argument.arg == "options" and re.match(r"(dict|Mapping|MutableMapping)\b", kind):
                yield source.fault(function.lineno, f"{function.name} takes options as {kind}")


def text_is_plain(source: Source) -> Iterator[str]:
    """No emoji, no banner comments."""
    for number, line in enumerate(source.text.splitlines(), start=1):
        if EMOJI.search(line):
            yield source.fault(number, "emoji")
        if BANNER.match(line):
            yield source.fault(number, "banner comment")


def names_follow_the_glossary(source: Source) -> Iterator[str]:
    """Data is synthetic, never mock, but for the flags of the command line; no folder is called pages."""
    if "/pages/" in source.path:
        yield source.fault(1, "Streamlit gives a folder called pages a meaning of its own")
    if source.top == "main":
        return
    for number, line in enumerate(source.text.splitlines(), start=1):
        if MOCK.search(line):
            yield source.fault(number, "the word is synthetic")
