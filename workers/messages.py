"""What a process and its workers tell each other: small things through a pipe, large arrays in files that both map.

What is mapped takes memory only where it is looked at, and the system takes that back when it needs it.
"""

import mmap
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from io import BytesIO
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from typing import IO, Any
from weakref import WeakValueDictionary, finalize

import pyarrow as pa
from pandas.arrays import ArrowStringArray

LARGE = 1 << 16
"""Bytes from which on an array goes to a file."""
_HEAD, _ALIGNED = 8, 64
_MAPS = WeakValueDictionary[str, mmap.mmap]()
"""What is mapped here, by the path of its file."""
Place = tuple[str, int, int]


def _reduced(array: ArrowStringArray) -> Any:
    """Return how a column of texts is pickled: as it is, where pandas would make a copy to join its one part."""
    parts = array.__arrow_array__()
    # What a slice leaves out would be sent as well.
    if parts.num_chunks == 1 and parts.get_total_buffer_size() <= parts.nbytes + _HEAD:
        return partial(ArrowStringArray, dtype=array.dtype), (parts.chunk(0),)  # type: ignore[call-arg]
    return array.__reduce_ex__(5)


ForkingPickler.register(ArrowStringArray, _reduced)


def send(stream: IO[bytes], message: object, file: Path) -> None:
    """Send a message to the other side of a pipe, its large arrays in a new file unless they are in one already."""
    arrays, content = list[memoryview](), BytesIO()

    def stays(buffer: Any) -> bool:
        array = buffer.raw()
        if array.nbytes >= LARGE:
            arrays.append(array)
        return bool(array.nbytes < LARGE)

    ForkingPickler(content, 5, True, stays).dump(message)
    whole = ForkingPickler.dumps((list(_placed(arrays, file)), content.getvalue()))
    stream.write(len(whole).to_bytes(_HEAD, "little"))
    stream.write(whole)
    stream.flush()


def _placed(arrays: Sequence[memoryview], file: Path) -> Iterator[Place]:
    """Yield where arrays stand; those that stand nowhere are written."""
    places = [_place(array) for array in arrays]
    if None not in places:
        yield from filter(None, places)
        return
    # A file that somebody maps must never be written anew.
    file.touch(0o600, exist_ok=False)
    with file.open("wb") as sink:
        for array, place in zip(arrays, places, strict=True):
            if place is not None:
                yield place
                continue
            sink.write(bytes(-sink.tell() % _ALIGNED))
            yield str(file), sink.tell(), array.nbytes
            sink.write(array)


def _place(array: memoryview) -> Place | None:
    """Return where an array stands that came out of a file, which somebody may have removed meanwhile."""
    start = pa.py_buffer(array).address
    for path, whole in list(_MAPS.items()):
        at = start - pa.py_buffer(whole).address
        if 0 <= at <= len(whole) - array.nbytes and Path(path).exists():
            return path, at, array.nbytes
    return None


def receive(stream: IO[bytes], *, keep: bool = True) -> Any:
    """Return the next message, whose large arrays are read-only; `keep` says whether their file outlasts them here.

    Raises:
        EOFError: The other side is gone.
    """
    places, content = ForkingPickler.loads(_read(stream, int.from_bytes(_read(stream, _HEAD), "little")))
    return ForkingPickler.loads(content, buffers=[_mapped(*place, keep=keep) for place in places])


def _read(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data


def _mapped(path: str, start: int, size: int, *, keep: bool) -> memoryview:
    whole = _MAPS.get(path)
    if whole is None:
        with Path(path).open("rb") as file:
            whole = _MAPS[path] = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        if not keep:
            finalize(whole, _remove, path)
    return memoryview(whole)[start : start + size]


def _remove(path: str) -> None:
    # Windows removes nothing that is still mapped; the folder goes with this process.
    with suppress(OSError):
        Path(path).unlink()
