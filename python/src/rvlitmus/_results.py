"""What the program says of a test, as values: a line of its format ``jsonl``."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Iterable, Mapping

if TYPE_CHECKING:
    import pandas

SCHEMA = "rvlitmus/result/2"


@dataclass(frozen=True)
class Error:
    """Why a test, or a machine, has no answer."""

    message: str
    #: From 1; 0 where the whole file is meant.
    line: int
    column: int
    help: str | None = None


@dataclass(frozen=True)
class State:
    """A final state: the values of registers (``1:x5``) and locations (``[x]``), as they are printed."""

    values: Mapping[str, str]
    #: Does it satisfy the test's condition?
    satisfies: bool | None = None


@dataclass(frozen=True)
class Machine:
    """What a test comes to on one machine."""

    #: Its name: ``rvwmo``, ``ztso``, ``rvwmo-r9``, ``vm``.
    id: str
    #: ``complete``, ``bounded``, ``timeout`` and others.
    status: str
    #: ``Always``, ``Sometimes`` or ``Never``: how often a state satisfies the condition.
    observation: str | None
    #: Does the condition hold, with its quantifier? ``None`` where that is not decided.
    holds: bool | None
    states: tuple[State, ...]
    error: Error | None = None


@dataclass(frozen=True)
class Difference:
    """States that one machine reaches and another does not."""

    weaker: str
    stronger: str
    states: tuple[State, ...]
    #: Why the stronger machine lacks each of them, in a line: rules of its order and a cycle.
    arguments: tuple[str | None, ...]


@dataclass(frozen=True)
class Result:
    """Everything that is said of one test."""

    path: str
    name: str
    status: str
    machines: tuple[Machine, ...]
    differences: tuple[Difference, ...]
    warnings: tuple[str, ...]
    #: Set where the test ran on no machine.
    error: Error | None
    #: The line as it was, with all other fields: ``schema/result.schema.json`` documents them.
    raw: Mapping[str, Any] = field(repr=False, compare=False)

    @staticmethod
    def of_line(line: str) -> Result | None:
        """The result in a line of ``jsonl``; ``None`` for one that is of no test."""
        return Result.of_raw(json.loads(line))

    @staticmethod
    def of_raw(raw: Mapping[str, Any]) -> Result | None:
        """The result in a line of ``jsonl`` that was read; ``None`` for one that is of no test."""
        if raw.get("schema") != SCHEMA:
            raise ValueError(f"the schema is {raw.get('schema')!r}, not {SCHEMA!r}")
        if "path" not in raw:
            return None
        return Result(
            path=raw["path"],
            name=raw["name"],
            status=raw["status"],
            machines=tuple(map(_machine, raw.get("machines", ()))),
            differences=tuple(map(_difference, raw.get("differences", ()))),
            warnings=tuple(raw.get("warnings", ())),
            error=_error(raw.get("error")),
            raw=raw,
        )

    def machine(self, id: str) -> Machine:
        """What the test comes to on this machine; ``KeyError`` if it was not run there."""
        for machine in self.machines:
            if machine.id == id:
                return machine
        raise KeyError(id)


def _error(raw: Mapping[str, Any] | None) -> Error | None:
    if raw is None:
        return None
    return Error(raw["message"], raw["line"], raw["column"], raw.get("help"))


def _state(raw: Mapping[str, Any]) -> State:
    return State(raw["values"], raw.get("satisfies"))


def _machine(raw: Mapping[str, Any]) -> Machine:
    return Machine(
        id=raw["id"],
        status=raw["status"],
        observation=raw.get("observation"),
        holds=raw.get("holds"),
        states=tuple(map(_state, raw.get("states") or ())),
        error=_error(raw.get("error")),
    )


def _difference(raw: Mapping[str, Any]) -> Difference:
    states = raw["states"]
    return Difference(
        weaker=raw["weaker"],
        stronger=raw["stronger"],
        states=tuple(map(_state, states)),
        arguments=tuple(state.get("argument") for state in states),
    )


def to_pandas(results: Iterable[Result]) -> pandas.DataFrame:
    """A table with a row for each test and machine; ``ImportError`` without pandas."""
    import pandas

    columns = ["path", "name", "machine", "status", "observation", "holds", "states"]
    rows = [
        (result.path, result.name, it.id, it.status, it.observation, it.holds, len(it.states))
        if it is not None
        else (result.path, result.name, None, result.status, None, None, 0)
        for result in results
        for it in result.machines or (None,)
    ]
    return pandas.DataFrame(rows, columns=columns)
