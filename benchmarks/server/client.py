"""A visitor who speaks to the real dashboard as a browser does: Streamlit's messages over its web socket."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import ClientConnection, connect

from tests.waiting import PATIENCE

Value = bool | int | float | str | list[str]
DONE = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)


@dataclass(frozen=True)
class Redraw:
    """What the server answered to one action.

    Args:
        seconds: From the request until the last message of the answer was here.
        megabytes: Size of all messages.
        kinds: Kinds of the elements that were drawn.
    """

    seconds: float
    megabytes: float
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Widget:
    """A widget of the open page.

    Args:
        identifier: As the server knows it.
        fragment: The part of the page that it reruns; empty for the whole page.
        options: What it lets people choose, where that is a list.
        handles: Of a slider.
    """

    identifier: str
    fragment: str
    options: tuple[str, ...] = ()
    handles: int = 0


@dataclass
class Visitor:
    """One session: what a browser would know about the page.

    Args:
        socket: The connection.
        query: The query of the address, without its question mark.
        page: Hash of the open page.
        pages: Hash of each page by its path.
        widgets: The widgets that have a key, by the key.
    """

    socket: ClientConnection
    query: str = ""
    page: str = ""
    pages: dict[str, str] = field(default_factory=dict)
    widgets: dict[str, Widget] = field(default_factory=dict)
    _kept: dict[str, ForwardMsg] = field(default_factory=dict, repr=False)

    def open(self, path: str = "") -> Redraw:
        """Open a page by its path; the first one by none.

        Raises:
            RuntimeError: The page raised an error.
        """
        message = self._request()
        message.rerun_script.page_script_hash = self.page = self.pages.get(path, "")
        message.rerun_script.page_name = "" if path in self.pages else path
        return self._ask(message)

    def press(self, key: str) -> Redraw:
        """Press a button."""
        return self._change(key, WidgetState(trigger_value=True))

    def change(self, key: str, value: Value) -> Redraw:
        """Give a widget another value; a list is that of a widget with several."""
        state = WidgetState()
        if isinstance(value, bool):
            state.bool_value = value
        elif isinstance(value, int):
            state.int_value = value
        elif isinstance(value, float):
            state.double_value = value
        elif isinstance(value, str):
            state.string_value = value
        else:
            state.string_array_value.data.extend(value)
        return self._change(key, state)

    def _change(self, key: str, state: WidgetState) -> Redraw:
        widget, message = self.widgets[key], self._request()
        state.id = widget.identifier
        message.rerun_script.page_script_hash = self.page
        message.rerun_script.fragment_id = widget.fragment
        message.rerun_script.widget_states.widgets.append(state)
        return self._ask(message)

    def _request(self) -> BackMsg:
        message = BackMsg()
        message.rerun_script.query_string = self.query
        message.rerun_script.cached_message_hashes.extend(self._kept)
        message.rerun_script.context_info.timezone = "UTC"
        message.rerun_script.context_info.color_scheme = "light"
        return message

    def _ask(self, message: BackMsg) -> Redraw:
        size = 0
        kinds: list[str] = []
        start = time.perf_counter()
        self.socket.send(message.SerializeToString())
        while True:
            raw = self.socket.recv(timeout=PATIENCE, decode=False)
            size += len(raw)
            answer = self._whole(ForwardMsg.FromString(raw))
            kind = answer.WhichOneof("type")
            if kind == "script_finished" and answer.script_finished in DONE:
                return Redraw(time.perf_counter() - start, size / 1e6, tuple(kinds))
            if kind == "delta" and answer.delta.WhichOneof("type") == "new_element":
                kinds.append(self._element(answer.delta.new_element, answer.delta.fragment_id))
            elif kind == "page_info_changed":
                self.query = answer.page_info_changed.query_string
            elif kind == "navigation":
                self.pages = {page.url_pathname: page.page_script_hash for page in answer.navigation.app_pages}
                self.page = answer.navigation.page_script_hash

    def _whole(self, message: ForwardMsg) -> ForwardMsg:
        """Return a message, or the one that it refers to; a large one is kept, as browsers keep it."""
        if message.WhichOneof("type") == "ref_hash":
            return self._kept[message.ref_hash]
        if message.metadata.cacheable and message.hash:
            self._kept[message.hash] = message
        return message

    def _element(self, element: Element, fragment: str) -> str:
        kind = str(element.WhichOneof("type"))
        if kind == "exception":
            raise RuntimeError(f"the page raised {element.exception.type}: {element.exception.message}")
        drawn = getattr(element, kind)
        identifier = str(getattr(drawn, "id", ""))
        # $$ID-<hash>-<key>
        key = identifier.removeprefix("$$ID-").partition("-")[2]
        if key and key != "None":
            options = getattr(drawn, "options", ())
            texts = tuple(option for option in options if isinstance(option, str))
            handles = len(drawn.default) if kind == "slider" else 0
            self.widgets[key] = Widget(identifier, fragment, texts, handles)
        return kind


@contextmanager
def visiting(url: str, query: str = "") -> Iterator[Visitor]:
    """Yield a new session at the address of a dashboard."""
    address = f"{url.replace('http', 'ws', 1)}/_stcore/stream"
    with connect(address, open_timeout=PATIENCE, subprotocols=["streamlit"], max_size=None, compression=None) as socket:  # type: ignore[list-item]
        yield Visitor(socket, query)
