"""A YAML loader that takes nothing which reads differently from how it looks."""

from typing import Any

import yaml

from retention.errors import InputError

MAX_CHARACTERS = 250_000
"""Some thousand leaves; PyYAML takes seconds for more."""


def load_strictly(text: str, source: str, fault: type[InputError], kind: str) -> Any:
    """Return what a YAML text holds."""
    if len(text) > MAX_CHARACTERS:
        raise fault(
            f"the file is longer than {MAX_CHARACTERS:,} characters", where=source, hint=f"This is not a {kind}"
        )
    try:
        return yaml.load(text, Loader=StrictLoader)  # noqa: S506 - a subclass of SafeLoader
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{source}, line {mark.line + 1}" if mark else source
        what = getattr(error, "problem", None) or "the file cannot be read as YAML"
        what = "the file is nested too deeply" if isinstance(error, RecursionError) else what
        raise fault(str(what), where=where, hint="Correct the YAML and try again") from error


class StrictLoader(yaml.SafeLoader):
    """SafeLoader without aliases (they can explode), tags, duplicate keys and keys that are not text."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Return the next node; refuse aliases and tags."""
        event: yaml.Event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.events.AliasEvent):
            raise _refused("aliases (*name) are not allowed", event)
        if getattr(event, "tag", None) is not None:
            raise _refused("tags (!name) are not allowed", event)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Return a mapping; refuse keys that are not text or stand twice."""
        # PyYAML itself keeps the last of two equal keys without a word, so that half of a policy could go missing.
        seen: set[str] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise _refused(f"key {str(key)[:40]!r} is not text; put it in quotes", key_node)
            if key in seen:
                raise _refused(f"key '{key[:60]}' is used twice", key_node)
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


def _refused(problem: str, place: Any) -> yaml.YAMLError:
    return yaml.constructor.ConstructorError(None, None, problem, place.start_mark)
