"""A short way to `parley serve`, past typer's conversion of values.

That conversion imports pydantic, which costs a server 45 ms at its start and 10 MiB for all its life. The options are
read from the same declarations as typer reads; whatever is not plain and right is left to typer, which can explain it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, get_args, get_type_hints

from typer.models import OptionInfo


@dataclass(frozen=True, slots=True)
class _Switch:
    """One spelling of an option: its parameter, and what it stands for when it takes no value."""

    parameter: str
    info: OptionInfo
    kind: type
    value: bool | None = None


def quick_options(function: Callable[..., None], arguments: Sequence[str]) -> dict[str, Any] | None:
    """The keyword arguments for a command from its part of the command line; None: ask typer.

    Args:
        function: a command whose parameters are all options, of the types str, int and bool.
        arguments: what follows the command's name.
    """
    known = _switches(function)
    values: dict[str, Any] = {}
    rest = iter(arguments)
    for argument in rest:
        name, equals, text = argument.partition("=")
        switch = known.get(name)
        if switch is None or (equals and switch.value is not None):
            return None
        value: Any = switch.value
        if value is None:
            value = _converted(switch, text if equals else next(rest, None))
            if value is None:
                return None
        values[switch.parameter] = value
    return values


def _switches(function: Callable[..., None]) -> dict[str, _Switch]:
    found: dict[str, _Switch] = {}
    for parameter, hint in get_type_hints(function, include_extras=True).items():
        info = next((each for each in get_args(hint) if isinstance(each, OptionInfo)), None)
        if info is None:
            continue
        kinds = get_args(get_args(hint)[0])
        kind = next((each for each in (bool, int) if each in kinds), str)
        # Inside of Annotated the first spelling arrives as the default.
        spellings = [each for each in (info.default, *(info.param_decls or ())) if isinstance(each, str)]
        for declared in spellings or [f"--{parameter.replace('_', '-')}"]:
            on, _, off = declared.partition("/")
            found[on] = _Switch(parameter, info, kind, True if kind is bool else None)
            if off:
                found[off] = _Switch(parameter, info, kind, False)
    return found


def _converted(switch: _Switch, text: str | None) -> Any:
    """The value of an option; None when it is missing or not plainly right."""
    if text is None or text.startswith("-"):
        return None
    if switch.kind is str:
        return text
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        return None
    number = int(text)
    low, high = switch.info.min, switch.info.max
    return number if (low is None or number >= low) and (high is None or number <= high) else None
