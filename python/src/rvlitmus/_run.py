"""Running the program and reading what it prints."""

from __future__ import annotations

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


def _command(
    tests: Sequence[str], models: Iterable[str] | None, options: dict[str, Option]
) -> list[str]:
    command = [program(), "run", "--format=jsonl"]
    if models is not None:
        command.append("--model=" + ",".join(models))
    for name, value in options.items():
        flag = "--" + name.replace("_", "-")
        if value is True:
            command.append(flag)
        elif value is not None and value is not False:
            command.append(f"{flag}={value}")
    return [*command, "--", *tests]


def run(text: str, models: Iterable[str] | None = None, **options: Option) -> Result:
    """Runs the test of this text; a mistake in it is part of the result.

    ``models`` are those of ``--model``, and other options those of ``rvlitmus run``.

    :raises ProgramError: an option is wrong.
    """
    command = _command(["-"], models, options)
    ran = subprocess.run(command, input=text, capture_output=True, encoding="utf-8")
    results = [Result.of_line(line) for line in ran.stdout.splitlines()]
    for result in results:
        if result is not None:
            return result
    raise ProgramError(ran.stderr.strip() or f"it ended with {ran.returncode}")


def run_files(
    paths: Iterable[str | os.PathLike[str]] | str | os.PathLike[str],
    models: Iterable[str] | None = None,
    **options: Option,
) -> Iterator[Result]:
    """Runs the tests of files and folders, in parallel; each result comes as soon as it is its turn.

    :raises ProgramError: an option is wrong, or no path names a test.
    """
    tests = [paths] if isinstance(paths, (str, os.PathLike)) else list(paths)
    command = _command([os.fspath(path) for path in tests], models, options)
    with tempfile.TemporaryFile() as said:
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=said, encoding="utf-8"
        ) as process:
            assert process.stdout is not None
            empty = True
            try:
                for line in process.stdout:
                    result = Result.of_line(line)
                    if result is not None:
                        empty = False
                        yield result
            finally:
                # Whoever wants no more ends the run.
                process.terminate()
        said.seek(0)
        message = said.read().decode("utf-8", "replace").strip()
        if empty:
            raise ProgramError(message or f"it ended with {process.returncode}")


def read(path: str | os.PathLike[str]) -> Iterator[Result]:
    """The results of a finished report of the format ``jsonl``, one after the other."""
    with Path(path).open(encoding="utf-8") as report:
        for line in report:
            result = Result.of_line(line)
            if result is not None:
                yield result
