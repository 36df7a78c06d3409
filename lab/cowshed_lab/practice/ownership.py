"""Whose folder it is: the practice cluster changes and removes only what it made itself."""

from __future__ import annotations

import contextlib
import os
import pwd
import stat
from pathlib import Path

from cowshed_lab.practice.fault import PracticeError

MARK = "COWSHED-PRACTICE"
_TEXT = "This folder is Cowshed's practice cluster. Cowshed makes, changes and removes what is in it.\n"
_ADVICE = "Nothing was changed. Choose a folder that is not there yet, with --home or COWSHED_PRACTICE_HOME."
_LOCK = "lock"  # all that a stop leaves in a folder that was empty


def check(home: Path) -> None:
    """Allow a folder that has our mark, is empty, or is not there.

    Raises:
        PracticeError: it is somebody's home, a folder above one, shared, another's, or has files that are not ours.
    """
    place = home.resolve()
    if any(person.is_relative_to(place) for person in _persons_homes()):
        raise PracticeError(f"The practice cluster cannot take {home}, which holds your home folder. {_ADVICE}")
    try:
        facts = place.stat()
        if not stat.S_ISDIR(facts.st_mode):
            raise PracticeError(f"The practice cluster needs a folder, and {home} is a file. {_ADVICE}")
        if facts.st_uid != os.geteuid() or facts.st_mode & stat.S_ISVTX:
            raise PracticeError(f"The folder {home} is not yours alone. {_ADVICE}")
        if not _marked(place) and any(path.name != _LOCK for path in place.iterdir()):
            raise PracticeError(
                f"The folder {home} has files in it that are not the practice cluster's: it lacks the file {MARK}. "
                f"{_ADVICE}"
            )
    except FileNotFoundError:
        return
    except OSError as error:
        raise PracticeError(f"The folder {home} cannot be read: {error.strerror}. {_ADVICE}") from error


def claim(home: Path) -> None:
    """Make the folder where it is not there, and mark it as the cluster's before anything else is put into it.

    Raises:
        PracticeError: it is not ours to take.
        OSError: it cannot be made or written.
    """
    check(home)
    home.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError), (home / MARK).open("x", encoding="utf-8") as file:
        file.write(_TEXT)


def _marked(home: Path) -> bool:
    try:
        facts = (home / MARK).lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISREG(facts.st_mode) and facts.st_uid == os.geteuid()


def _persons_homes() -> list[Path]:
    homes = [Path("/")]
    with contextlib.suppress(RuntimeError, OSError):
        homes.append(Path.home().resolve())
    with contextlib.suppress(KeyError, OSError):
        homes.append(Path(pwd.getpwuid(os.getuid()).pw_dir).resolve())
    return homes
