"""What the process prepares once, before any customer is loaded: its memory, and what the garbage collector looks at.

Streamlit collects after every rerun; walking the modules' objects each time takes most of a small rerun.
"""

import atexit
import gc
from typing import TypeVar

# What pages would load later stands here: nobody waits for it, and the collector does not look at it after every rerun.
import duckdb  # noqa: F401
import pyarrow as pa
import pyvis.network  # noqa: F401
import sqlglot  # noqa: F401
from streamlit.runtime.uploaded_file_manager import UploadedFile

import run_store.lookup  # noqa: F401
from frontend.utils import drawing, policies, workspace
from frontend.utils.store import Store
from workers import job
from workers.room import use_disk

T = TypeVar("T")
PREPARED = Store[bool](entries=1)


def prepare() -> None:
    """Prepare the process; the second time nothing happens."""
    PREPARED.get("", _prepare)


def _prepare() -> bool:
    use_disk()
    policies.shipped()
    workspace.workspace().tidy()
    # Arrow's own pool keeps what it once had: with 1,000,000 customers a third more memory, and half as fast.
    pa.set_memory_pool(pa.system_memory_pool())
    # Streamlit copies what a field holds at every rerun: whole files, which nobody changes.
    UploadedFile.__deepcopy__ = _same  # type: ignore[attr-defined]
    drawing.warm_up()
    job.keep_warm()
    gc.collect()
    # Never after a customer was loaded: what is frozen is never freed, and an upload would stay for good.
    gc.freeze()
    atexit.register(gc.unfreeze)  # else bindings report at the end what was never collected as leaks
    return True


def _same(thing: T, _: object) -> T:
    return thing
