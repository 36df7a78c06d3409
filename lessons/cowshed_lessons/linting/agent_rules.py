"""Rules about bootstrap agents and the keys that they need. Table: Apptainer 1.4.5, internal/pkg/build/sources."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from cowshed_lessons.apptainer_versions import AGENTS_SINCE, has_come
from cowshed_lessons.checks_recipe import AGENTS
from cowshed_lessons.recipe_faults import shown

from .findings import Fix, Problem, Severity
from .header_rules import spelt
from .linted import Linted
from .registry import rule

_BASE = "Bootstrap: docker\nFrom: ubuntu:22.04\n"
_SOURCE = "Apptainer 1.4.5, internal/pkg/build/sources"

_FROM = frozenset(
    ("docker", "docker-archive", "docker-daemon", "oci", "oci-archive", "library", "oras", "shub", "localimage")
)
_REQUIRED = {
    "busybox": ("mirrorurl",),
    "debootstrap": ("mirrorurl", "osversion"),
    "yum": ("mirrorurl",),
    "dnf": ("mirrorurl",),
}
_PACKAGES = frozenset(("mirrorurl", "updateurl", "osversion", "include", "setopt"))
_ZYPPER = frozenset(("product", "user", "regcode", "productpgp", "registerurl", "modules"))
_USED: dict[str, frozenset[str]] = {
    "docker": frozenset(("from", "registry", "namespace")),
    "docker-archive": frozenset(("from",)),
    "docker-daemon": frozenset(("from",)),
    "oci": frozenset(("from",)),
    "oci-archive": frozenset(("from",)),
    "library": frozenset(("from", "library", "fingerprints")),
    "oras": frozenset(("from", "fingerprints")),
    "shub": frozenset(("from", "fingerprints")),
    "localimage": frozenset(("from", "fingerprints")),
    "scratch": frozenset(),
    "busybox": frozenset(("mirrorurl",)),
    "debootstrap": frozenset(("mirrorurl", "osversion", "include")),
    "yum": _PACKAGES,
    "dnf": _PACKAGES,
    "zypper": frozenset(("mirrorurl", "updateurl", "osversion", "include")) | _ZYPPER,
    "arch": frozenset(("include", "confurl")),
}


def _agent_meant(agent: str) -> str:
    bare = agent.strip("\"'").lower()
    return bare if bare in AGENTS and bare != agent else ""


@rule(
    "agent-unknown",
    Severity.ERROR,
    "No such bootstrap agent",
    why="The agent says where the base comes from. Apptainer tells capital letters apart, and `podman` is none "
    "of its agents (use `docker`, or `docker-daemon` and `oci-archive` for images on your computer).",
    wrong="Bootstrap: Docker\nFrom: ubuntu:22.04\n",
    right=_BASE,
    source="seen in real runs of Apptainer 1.4.5: “invalid build source”",
)
def _agent_unknown(linted: Linted) -> Iterator[Problem]:
    for stage in linted.stages:
        agent = stage.agent
        if "bootstrap" not in stage.stage.header or agent in AGENTS or agent in AGENTS_SINCE or agent == "self":
            continue
        place = stage.range_of("bootstrap")
        meant = _agent_meant(agent)
        if meant:
            # Safe: no build gets past an agent that Apptainer does not know.
            fixes = linted.fix(f"Write `{meant}`", (place, agent, meant), safe=True)
            yield Problem(f"Agents are written in small letters, without quotes: `{meant}`.", place, fixes)
            continue
        guess = difflib.get_close_matches(agent.lower(), AGENTS, n=1, cutoff=0.7)
        if not agent:
            yield Problem("`Bootstrap` does not say where the base comes from; mostly it is `docker`.", place)
        else:
            hint = f"did you mean `{guess[0]}`?" if guess else "mostly it is `docker`."
            offered: tuple[Fix, ...] = linted.fix(f"Write `{guess[0]}`", (place, agent, guess[0])) if guess else ()
            yield Problem(f"Apptainer has no bootstrap agent `{shown(agent)}`; {hint}", place, offered)


@rule(
    "agent-newer",
    Severity.ERROR,
    "An agent that this Apptainer does not have yet",
    why="`buildkit` and `dockerfile` came with Apptainer 1.5; older ones end with “invalid build source”.",
    wrong="Bootstrap: dockerfile\nFrom: ubuntu:22.04\n",
    right=_BASE,
    source="Apptainer 1.5, internal/pkg/build/sources",
)
def _agent_newer(linted: Linted) -> Iterator[Problem]:
    for stage in linted.stages:
        since = AGENTS_SINCE.get(stage.agent)
        if since and not has_come(since, linted.recipe.version):
            message = f"The agent `{stage.agent}` is known from Apptainer {since} on."
            yield Problem(message, stage.range_of("bootstrap"))


@rule(
    "agent-dead",
    Severity.WARNING,
    "An agent that leads nowhere any more",
    why="Singularity Hub (`shub`) has built nothing since 2021, and its images are there to be read at best; "
    "`self` is gone from Apptainer altogether. Use an image from a registry.",
    wrong="Bootstrap: shub\nFrom: singularityhub/ubuntu\n",
    right=_BASE,
    source="https://singularityhub.github.io/singularityhub-docs/",
)
def _agent_dead(linted: Linted) -> Iterator[Problem]:
    for stage in linted.stages:
        if stage.agent == "shub":
            yield Problem("Singularity Hub is closed; take the base from a registry.", stage.range_of("bootstrap"))
        elif stage.agent == "self":
            place = stage.range_of("bootstrap")
            yield Problem("Apptainer has no agent `self` any more.", place, severity=Severity.ERROR)


@rule(
    "from-missing",
    Severity.ERROR,
    "`From` is missing",
    why="Most agents need to be told which image to start from. `localimage` without it does not even complain: "
    "it packs the folder in which you stand.",
    wrong="Bootstrap: docker\n%post\n    true\n",
    right=_BASE + "%post\n    true\n",
    source="Apptainer's documentation of agents; seen in real runs",
)
def _from_missing(linted: Linted) -> Iterator[Problem]:
    for number, stage in enumerate(linted.stages):
        above = linted.stages[number - 1].stage.header if number else {}
        if "from" in above and "bootstrap" not in above:
            continue  # it stands above `Bootstrap`, and `bootstrap-missing` says so
        if stage.agent in _FROM and not stage.value_of("from"):
            trap = " It would pack the current folder." if stage.agent == "localimage" else ""
            message = f"`Bootstrap: {stage.agent}` needs `From: …`, the image to start from.{trap}"
            yield Problem(message, stage.range_of("from" if "from" in stage.stage.header else "bootstrap"))


@rule(
    "key-required",
    Severity.ERROR,
    "A key that the agent needs is missing",
    why="Agents that install a system need to know from where, and some of them which version. `library` needs a "
    "library: Apptainer comes without one, so unless this computer has a default remote, `Library: https://…` "
    "must say.",
    wrong="Bootstrap: debootstrap\nOSVersion: jammy\n",
    right="Bootstrap: debootstrap\nOSVersion: jammy\nMirrorURL: http://archive.ubuntu.com/ubuntu/\n",
    source=_SOURCE,
)
def _key_required(linted: Linted) -> Iterator[Problem]:
    for stage in linted.stages:
        needed = list(_REQUIRED.get(stage.agent, ()))
        if stage.agent in ("yum", "dnf"):
            urls = stage.value_of("mirrorurl") + stage.value_of("updateurl")
            needed += ["osversion"] if "%{OSVERSION}" in urls.upper() else []
        for key in needed:
            if not stage.value_of(key):
                yield Problem(f"`Bootstrap: {stage.agent}` needs `{spelt(key)}: …`.", stage.range_of("bootstrap"))
        if stage.agent == "library" and stage.value_of("from") and not stage.value_of("library"):
            yield Problem(
                "Without `Library: https://…` this works only where a default remote is set up.",
                stage.range_of("bootstrap"),
                severity=Severity.WARNING,
            )


@rule(
    "key-unused",
    Severity.WARNING,
    "A key that the agent does not look at",
    why="Apptainer accepts every known key for every agent and ignores those that the agent has no use for.",
    wrong=_BASE + "MirrorURL: http://archive.ubuntu.com/ubuntu/\n",
    right=_BASE,
    source=_SOURCE,
)
def _key_unused(linted: Linted) -> Iterator[Problem]:
    for stage in linted.stages:
        used = _USED.get(stage.agent)
        if used is None:
            continue
        for item in stage.header_keys:
            numbered = item.key.startswith("otherurl") and stage.agent == "zypper"
            if item.key in used or item.key in ("bootstrap", "stage") or numbered:
                continue
            why = "by any agent" if item.key == "includecmd" else f"by `{stage.agent}`"
            yield Problem(f"`{spelt(item.key)}` is not used {why}.", item.key_range)
