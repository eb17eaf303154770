"""Running the program and reading what it prints."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sysconfig
import tempfile
from pathlib import Path
from typing import Iterable, Iterator, Sequence, Union

from ._results import Result

#: The value of an option: ``True`` for one that takes none, ``None`` or ``False`` for one that is not given.
Option = Union[str, int, float, bool, None]


class ProgramError(Exception):
    """The program said nothing of the tests that it was given, but why."""


def program() -> str:
    """Where the program is: that of this package, or else one on the path."""
    name = "rvlitmus.exe" if os.name == "nt" else "rvlitmus"
    schemes = ("posix_user", "nt_user", "osx_framework_user")
    known = [None, *(scheme for scheme in schemes if scheme in sysconfig.get_scheme_names())]
    for scheme in known:
        folder = sysconfig.get_path("scripts", scheme) if scheme else sysconfig.get_path("scripts")
        if os.access(os.path.join(folder, name), os.X_OK):
            return os.path.join(folder, name)
    found = shutil.which(name)
    if found is None:
        raise ProgramError(f"there is no program {name}, neither in this environment nor on the path")
    return found


#: What would write the results elsewhere, or nothing of them.
_REFUSED = frozenset({"format", "output", "resume", "help"})


def _command(
    tests: Sequence[str], models: Iterable[str] | None, options: dict[str, Option]
) -> list[str]:
    command = [program(), "run", "--format=jsonl"]
    if models is not None:
        command.append("--model=" + (models if isinstance(models, str) else ",".join(models)))
    for name, value in options.items():
        if name in _REFUSED:
            raise ProgramError(f"the results are what is returned: {name} is no option here")
        flag = "--" + name.replace("_", "-")
        if value is True:
            command.append(flag)
        elif value is not None and value is not False:
            command.append(f"{flag}={value}")
    return [*command, "--", *tests]


def _results(lines: Iterable[str], what: str) -> Iterator[Result]:
    """The results in lines of ``jsonl``; an error where they are not all."""
    shard = finished = False
    for number, line in enumerate(lines, 1):
        try:
            raw = json.loads(line)
            result = Result.of_raw(raw)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ProgramError(f"{what}, line {number}: no result of rvlitmus: {error}") from error
        if result is not None:
            yield result
            continue
        if raw.get("interrupted"):
            raise ProgramError(f"{what} was ended before its end: tests are missing")
        shard |= "shard" in raw
        finished |= "listing" in raw
    if shard and not finished:
        raise ProgramError(f"{what} is a shard that did not come to its end: tests are missing")


def run(text: str, models: Iterable[str] | None = None, **options: Option) -> Result:
    """Runs the test of this text; a mistake in it is part of the result.

    ``models`` are those of ``--model``, and other options those of ``rvlitmus run``.

    :raises ProgramError: an option is wrong.
    """
    if not isinstance(text, str):
        raise TypeError(f"the text of a test is a str, not a {type(text).__name__}")
    command = _command(["-"], models, options)
    ran = subprocess.run(command, input=text, capture_output=True, encoding="utf-8")
    for result in _results(ran.stdout.splitlines(), "the run"):
        return result
    raise ProgramError(ran.stderr.strip() or f"it ended with {ran.returncode}")


def run_files(
    paths: Iterable[str | os.PathLike[str]] | str | os.PathLike[str],
    models: Iterable[str] | None = None,
    **options: Option,
) -> Iterator[Result]:
    """Runs the tests of files and folders, in parallel; each result comes as soon as it is its turn.

    :raises ProgramError: an option is wrong, no path names a test, or the program died before its end.
    """
    tests = [paths] if isinstance(paths, (str, os.PathLike)) else list(paths)
    command = _command([os.fspath(path) for path in tests], models, options)
    with tempfile.TemporaryFile() as said:
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=said, encoding="utf-8"
        ) as process:
            assert process.stdout is not None
            empty, ended = True, False
            try:
                for result in _results(process.stdout, "the run"):
                    empty = False
                    yield result
                ended = True
            finally:
                # Whoever wants no more ends the run.
                if not ended:
                    process.terminate()
        said.seek(0)
        message = said.read().decode("utf-8", "replace").strip()
        # 1 and 2 are said of tests, and by results.
        if empty and process.returncode != 0 or process.returncode not in (0, 1, 2):
            raise ProgramError(message or f"it ended with {process.returncode}")


def read(path: str | os.PathLike[str]) -> Iterator[Result]:
    """The results of a finished report of the format ``jsonl``, one after the other.

    :raises ProgramError: it is no such report, or that of a run that was ended before its end.
    """
    with Path(path).open(encoding="utf-8") as report:
        yield from _results(report, os.fspath(path))
