"""Stand-ins: which images of public registries the practice cluster answers for where those are out of reach."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
FIRST_LAYER = "layer"


@dataclass(frozen=True, slots=True)
class Make:
    """One set of layers, made of Debian packages in one go.

    Attributes:
        name: For files and the command line.
        suite: Debian release; the nearest in age behaves most alike.
        finish: Script that runs last; it may write more layers than the first.
        packages: Installed besides Debian's essential packages.
        layers: Names of the layers that come of it.
        minimal: Only the packages themselves, nothing of Debian around them.
        expected: Packages and bytes of its bootstrap, for the progress bar (measured 2026-11).
        content: What it really is, for the label.
    """

    name: str
    suite: str
    finish: str
    content: str
    packages: tuple[str, ...] = ()
    layers: tuple[str, ...] = (FIRST_LAYER,)
    minimal: bool = False
    expected: tuple[int, int] = (90, 50_000_000)

    @property
    def notice(self) -> str:
        """Return the text of /etc/cowshed-stand-in in the image."""
        return (
            f"Not an image from Docker Hub but a stand-in made by the Cowshed practice cluster: {self.content}, "
            f"of Debian {self.suite} packages"
        )


@dataclass(frozen=True, slots=True)
class StandIn:
    """One row: which image of Docker Hub is stood in for, and what by.

    Attributes:
        repository: Name on Docker Hub, e.g. `library/ubuntu`; with the registry in front where it is another one,
            e.g. `ghcr.io/apptainer/lolcow`.
        tag: E.g. `22.04`.
        make: Where its layers come from.
        layers: Which of them it has.
        environment: Variables of the image.
        command: What the image runs where nothing is said.
        entrypoint: What it runs whatever is said, with that as arguments.
    """

    repository: str
    tag: str
    make: Make
    layers: tuple[str, ...] = (FIRST_LAYER,)
    environment: tuple[str, ...] = (f"PATH={PATH}",)
    command: str = "/bin/bash"
    entrypoint: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Return the name that a recipe's `From:` has, e.g. `ubuntu:22.04`."""
        return f"{self.repository.removeprefix('library/')}:{self.tag}"

    @property
    def home(self) -> str:
        """Return what a person calls the registry that has the real one."""
        return "GitHub's registry" if self.repository.startswith("ghcr.io/") else "Docker Hub"

    @property
    def notice(self) -> str:
        """Return the label's text."""
        return (
            f"Not {self.name} from {self.home} but a stand-in made by the Cowshed practice cluster: "
            f"{self.make.content}, of Debian {self.make.suite} packages"
        )


@dataclass(frozen=True, slots=True)
class Group:
    """What is made together, when somebody needs it.

    Attributes:
        name: For `cowshed practice add NAME`.
        title: What it is for, for a person.
        makes: What is made.
        at_start: It is small or always needed: the cluster's start makes it.
        download: Megabytes that are fetched.
    """

    name: str
    title: str
    makes: tuple[Make, ...]
    at_start: bool = False
    download: int = 0


# Ubuntu 22.04 and Debian 12 share their generation of apt, libc and the packages of the lolcow lesson.
_DEBIAN = Make("debian", "bookworm", "finish-stand-in.sh", "Debian 12")
_ALPINE = Make(
    "alpine",
    "bookworm",
    "finish-alpine.sh",
    "musl, a static BusyBox and a small apk of our own",
    packages=("busybox-static", "musl"),
    layers=(FIRST_LAYER, "lolcow", "busybox"),
    minimal=True,
    expected=(1, 1_400_000),
)
_PYTHON_PACKAGES = ("ca-certificates", "python3", "python3-pip", "python3-venv")
_PYTHON = Make(
    "python",
    "bookworm",
    "finish-python.sh",
    "Python 3.11 with a small stand-in for PyTorch 2.1.2",
    packages=_PYTHON_PACKAGES,
    layers=(FIRST_LAYER, "pytorch"),
    expected=(115, 62_000_000),
)
_PYTHON_LATER = Make(
    "python-later", "trixie", "finish-python.sh", "Python 3.13", packages=_PYTHON_PACKAGES, expected=(110, 60_000_000)
)
_R = Make(
    "r",
    "bookworm",
    "finish-r.sh",
    "R 4.2.2 with a few packages of CRAN to install",
    packages=(
        "ca-certificates",
        "g++",
        "littler",
        "locales",
        "make",
        "r-base-core",
        "r-cran-docopt",
        "r-cran-dplyr",
        "r-cran-ggplot2",
        "r-cran-rcpp",
        "r-cran-remotes",
        "r-cran-stringr",
        "r-cran-tidyr",
    ),
    layers=(FIRST_LAYER, "tidyverse"),
    expected=(330, 210_000_000),
)

GROUPS = (
    Group("core", "Ubuntu and Debian", (_DEBIAN,), at_start=True, download=45),
    Group("alpine", "Alpine, BusyBox and Apptainer's cow", (_ALPINE,), at_start=True, download=11),
    Group("python", "Python 3.11 and PyTorch 2.1.2", (_PYTHON,), download=85),
    Group("python-later", "a later Python", (_PYTHON_LATER,), download=60),
    Group("r", "R of the Rocker project", (_R,), download=210),
)

_CONDA = ("pytorch", (f"PATH=/opt/conda/bin:{PATH}",))
_R_ENVIRONMENT = (f"PATH={PATH}", "LANG=en_US.UTF-8")

STAND_INS = (
    StandIn("library/ubuntu", "22.04", _DEBIAN),
    StandIn("library/ubuntu", "jammy", _DEBIAN),
    *(StandIn("library/debian", tag, _DEBIAN) for tag in ("12", "12-slim", "bookworm", "bookworm-slim")),
    *(
        StandIn("library/alpine", tag, _ALPINE, command="/bin/sh")
        for tag in ("3.17", "3.18", "3.19", "3.20", "3.21", "3.22", "latest")
    ),
    # Apptainer's own small image for a first look. The real one is made of Ubuntu; what it runs is the same.
    StandIn(
        "ghcr.io/apptainer/lolcow",
        "latest",
        _ALPINE,
        (FIRST_LAYER, "lolcow"),
        (f"PATH={PATH}", "LC_ALL=C"),
        "",
        ("/bin/sh", "-c", "date | cowsay | lolcat"),
    ),
    *(
        StandIn("library/busybox", tag, _ALPINE, ("busybox",), command="sh")
        for tag in ("1.36", "1.36-musl", "1.36-glibc", "1.36-uclibc", "latest")
    ),
    *(
        StandIn("library/python", tag, _PYTHON, command="python3")
        for tag in ("3.11", "3.11-slim", "3.11-bookworm", "3.11-slim-bookworm")
    ),
    *(
        StandIn("library/python", tag, _PYTHON_LATER, command="python3")
        for tag in ("3.12", "3.12-slim", "3.13", "3.13-slim")
    ),
    *(
        StandIn("pytorch/pytorch", f"2.1.2-cuda{kind}", _PYTHON, (FIRST_LAYER, "pytorch"), _CONDA[1])
        for kind in ("12.1-cudnn8-runtime", "12.1-cudnn8-devel", "11.8-cudnn8-runtime", "11.8-cudnn8-devel")
    ),
    *(
        StandIn(f"rocker/{name}", tag, _R, environment=_R_ENVIRONMENT, command="R")
        for name in ("r-ver", "rstudio", "shiny")
        for tag in ("4.3.2", "4.3")
    ),
    *(
        StandIn("rocker/tidyverse", tag, _R, (FIRST_LAYER, "tidyverse"), _R_ENVIRONMENT, "R")
        for tag in ("4.3.2", "4.3")
    ),
)


def group_named(name: str) -> Group | None:
    """Return the group of that name."""
    return next((group for group in GROUPS if group.name == name), None)


def group_of(make: Make) -> Group:
    """Return the group that makes this."""
    return next(group for group in GROUPS if make in group.makes)


def stand_in_for(reference: str) -> StandIn | None:
    """Return the stand-in for an image as a recipe or a command names it; None where there is none.

    Args:
        reference: E.g. `python:3.11`, `docker://docker.io/library/python:3.11`.
    """
    name = reference.strip().removeprefix("docker:").removeprefix("//")
    for prefix in ("index.docker.io/", "docker.io/", "library/"):
        name = name.removeprefix(prefix)
    name = name.partition("@")[0]
    if ":" not in name:
        name += ":latest"
    return next((stand_in for stand_in in STAND_INS if stand_in.name == name), None)


def of_makes(makes: Iterable[Make]) -> tuple[StandIn, ...]:
    """Return the stand-ins that have their layers from these."""
    wanted = set(makes)
    return tuple(stand_in for stand_in in STAND_INS if stand_in.make in wanted)
