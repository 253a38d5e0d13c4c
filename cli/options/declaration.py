"""A command as a function of dataclasses: one option a field, and errors as messages."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, field, fields, is_dataclass
from inspect import Parameter, Signature, signature
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import typer
from typer.models import OptionInfo

from cli.shown.failure import reported
from workers.memory import bytes_of, held_child

DECLARED = "option"
Without = frozenset
"""Marks a dataclass of a command with the names of fields that it has no option for; they keep their defaults."""
Debug = Annotated[bool, typer.Option("--debug", help="Show the details of an error that is our fault.")]

Memory = Annotated[
    str | None, typer.Option("--memory-limit", metavar="SIZE", help="Stop where more memory is needed, such as 2G.")
]


def option(metavar: str | None, words: str, *names: str, default: Any = None, secret: bool = False) -> Any:
    """Return a field of a dataclass that is one option of a command.

    Args:
        metavar: What stands for its value in the help; None for a flag and for a choice.
        words: Its help.
        names: How it is typed, where the name of the field does not say so.
        default: What holds where it is not typed; `list` for a new one, `MISSING` where it must be typed.
        secret: Whether texts of the dataclass leave it out.
    """
    value = {"default_factory": list} if default is list else {"default": default}
    return field(repr=not secret, metadata={DECLARED: typer.Option(*names, metavar=metavar, help=words)}, **value)


def command(app: typer.Typer, name: str | None = None) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a decorator that adds a function to an app as a command, declared as `declare` does."""
    return lambda function: app.command(name)(declare(function))


def declare(command: Callable[..., None], *, order: Sequence[str] = ()) -> Callable[..., None]:
    """Return a command as Typer takes it: each parameter that is a dataclass becomes one parameter a field.

    Typer reads options off a signature, so this writes the signature that somebody would have typed by hand. The
    options --debug and --memory-limit are added to each command, and errors are shown as people read them.

    Args:
        command: What to run; its docstring is the help.
        order: The options in the order of the help; others come after them as they are declared.
    """
    hints = get_type_hints(command, include_extras=True)
    hints.pop("return")
    plain = signature(command).parameters

    def run(*, debug: bool, memory_limit: str | None, **values: Any) -> None:
        with reported(debug, names):
            from workers.room import use_disk  # noqa: PLC0415 - help needs none

            use_disk()
            if memory_limit is not None:
                held_child(bytes_of(memory_limit))
            command(**{name: _value(hint, name, values) for name, hint in hints.items()})

    parameters = [each for name, hint in hints.items() for each in _parameters(hint, name, plain[name].default)]
    parameters += [_parameter(Memory, "memory_limit", None), _parameter(Debug, "debug", False)]
    names = frozenset(_option_name(each) for each in parameters)
    places = {name: place for place, name in enumerate(order)}
    parameters.sort(key=lambda each: places.get(each.name, len(places)))
    # Typer asks twice, by `signature` and by `get_type_hints`, which looks at the annotations alone; both must agree.
    run.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in parameters}
    run.__name__, run.__doc__ = command.__name__, command.__doc__
    return run


def _parameters(hint: Any, name: str, default: Any) -> Iterator[Parameter]:
    """Yield one parameter, or those that stand for the fields of a dataclass."""
    kind = _fields_of(hint)
    if kind is None:
        yield _parameter(hint, name, default)
        return
    for each, each_hint in kind:
        yield from _parameters(each_hint, each.name, _default(each))


def _parameter(hint: Any, name: str, default: Any) -> Parameter:
    return Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=hint)


def _option_name(parameter: Parameter) -> str:
    """Return how an option is typed, as names of options are compared."""
    # In an annotation Typer keeps the first name as the default, until it reads the signature.
    named = (mark.default for mark in get_args(parameter.annotation)[1:] if isinstance(mark, OptionInfo))
    return next((name for name in named if isinstance(name, str)), f"--{parameter.name}").replace("_", "-")


def _value(hint: Any, name: str, values: Mapping[str, Any]) -> Any:
    """Return the value of a parameter, made of its options; one that was not typed keeps the field's default."""
    kind = _fields_of(hint)
    if kind is None:
        return values[name]
    fields_typed = {each.name: _value(each_hint, each.name, values) for each, each_hint in kind}
    return _class_of(hint)(**{name: value for name, value in fields_typed.items() if value is not None})


def _fields_of(hint: Any) -> list[tuple[Field[Any], Any]] | None:
    """Return the fields of a dataclass that are options, with their types; None for what is one option."""
    kind = _class_of(hint)
    if not is_dataclass(kind):
        return None
    left_out = {name for mark in get_args(hint)[1:] if isinstance(mark, Without) for name in mark}
    hints = get_type_hints(kind, include_extras=True)
    return [(each, _hint(each, hints[each.name])) for each in fields(kind) if each.name not in left_out]


def _hint(each: Field[Any], hint: Any) -> Any:
    return Annotated[hint, each.metadata[DECLARED]] if DECLARED in each.metadata else hint


def _class_of(hint: Any) -> Any:
    return get_args(hint)[0] if get_origin(hint) is Annotated else hint


def _default(each: Field[Any]) -> Any:
    if each.default is not MISSING:
        return each.default
    return Parameter.empty if each.default_factory is MISSING else None
