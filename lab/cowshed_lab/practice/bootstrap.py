"""Bootstrap: root folders made of Debian packages with mmdebstrap."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Sequence
from importlib import resources
from pathlib import Path

from cowshed_lab.practice import namespace
from cowshed_lab.practice.fault import PracticeError
from cowshed_lab.practice.namespace import Mode

ARCHIVE = "http://deb.debian.org/debian"
# Apptainer is in this suite only (2026-11).
SYSTEM_SUITE = "sid"
SYSTEM_PACKAGES = (
    "apptainer",
    "apache2-utils",  # htpasswd: the registry's login
    "ca-certificates",
    "curl",
    "docker-registry",
    "fakeroot",
    "fuse-overlayfs",
    "fuse2fs",
    "gocryptfs",  # only so that Apptainer does not mention its absence at every run
    "less",
    "lmod",
    "munge",
    "nano",
    "ncurses-term",
    "openssh-client",
    "openssh-server",
    "procps",
    "slurm-client",
    "slurmctld",
    "slurmd",
    "squashfuse",
    "tmux",
    "uidmap",
    "vim-tiny",
)
# What a learner in a lesson does not read; it halves the size.
_LEFT_OUT = ("/usr/share/man/*", "/usr/share/doc/*", "/usr/share/info/*", "/usr/share/locale/*")


class BootstrapError(PracticeError):
    """A root folder could not be made. The text is for a person."""


def write_scripts(folder: Path) -> None:
    """Write the package's shell scripts into `folder`, executable."""
    folder.mkdir(parents=True, exist_ok=True)
    for script in (resources.files(__package__) / "scripts").iterdir():
        path = folder / script.name
        path.write_text(script.read_text(encoding="utf-8"), encoding="utf-8")
        path.chmod(0o755)


def arguments(
    suite: str, target: Path, *, packages: Sequence[str], scripts: Path, finish: str, minimal: bool = False
) -> list[str]:
    """Return mmdebstrap's command line.

    Args:
        suite: Debian's name of the release.
        target: Folder or `.tar` file to make.
        packages: What to install besides the essential packages.
        scripts: Folder of our scripts.
        finish: Name of the script that runs last.
        minimal: Unpack the packages only, without Debian's essential ones; the script then runs on what was unpacked.
    """
    # An image's /dev is filled by the engine that runs it; Apptainer warns about each device that it finds there.
    skipped = "download/empty,essential/unlink" + (",output/dev" if target.suffix == ".tar" else "")
    if minimal:  # there is no apt inside to clean up after
        skipped += ",cleanup"
    included = [f"--include={','.join(packages)}"] if packages else []
    return [
        "mmdebstrap",
        "--mode=root",
        f"--variant={'extract' if minimal else 'minbase'}",
        "--verbose",
        # The suite's Release file may be past its date, and this computer's clock may be off.
        '--aptopt=Acquire::Check-Valid-Until "false"',
        '--aptopt=Acquire::Check-Date "false"',
        '--aptopt=Acquire::Languages "none"',
        "--dpkgopt=force-unsafe-io",
        *(f"--dpkgopt=path-exclude={pattern}" for pattern in _LEFT_OUT),
        *included,
        f"--skip={skipped}",
        f"--setup-hook={scripts / 'share-downloads.sh'}",
        f"--{'extract' if minimal else 'customize'}-hook={scripts / finish}",
        suite,
        str(target),
        ARCHIVE,
    ]


async def bootstrap(
    mode: Mode,
    command: Sequence[str],
    *,
    downloads: Path,
    temporary: Path,
    lock: int,
    on_line: Callable[[str], None],
    extra_environment: dict[str, str] | None = None,
) -> None:
    """Run mmdebstrap in namespaces of its own.

    Args:
        mode: How to get the namespaces.
        command: From `arguments`.
        downloads: Folder for packages; those already there are not fetched again.
        temporary: Folder for mmdebstrap's own temporary files.
        lock: Descriptor of the cluster's lock, held as long as anything of this runs.
        on_line: Called with each line that it prints.
        extra_environment: For the hook scripts.

    Raises:
        BootstrapError: It failed; the text has its last lines.
    """
    (downloads / "partial").mkdir(parents=True, exist_ok=True)
    variables = {"TMPDIR": str(temporary), "PRACTICE_DOWNLOADS": str(downloads), **(extra_environment or {})}
    process = await namespace.start(
        mode, command, stdout=asyncio.subprocess.PIPE, lock=lock, extra_environment=variables
    )
    last: deque[str] = deque(maxlen=15)
    try:
        await asyncio.gather(_read_lines(process.stdout, on_line, last), _read_lines(process.stderr, on_line, last))
        status = await process.wait()
    except asyncio.CancelledError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        raise
    if status != 0:
        said = "\n".join(line for line in last if line.startswith(("E:", "W:", "Err:", "dpkg:"))) or "\n".join(last)
        raise BootstrapError(
            "Debian's packages could not be installed. Often the network or Debian's archive is the reason: "
            f"try again in a few minutes; what was fetched is kept.\nmmdebstrap said:\n{said}"
        )


async def _read_lines(stream: asyncio.StreamReader | None, on_line: Callable[[str], None], last: deque[str]) -> None:
    assert stream is not None
    while raw := await stream.readline():
        line = raw.decode(errors="replace").rstrip()
        last.append(line)
        on_line(line)
