"""Checks of the recipe as a whole: that Apptainer can read it, its base image, its sections."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

from .checks import PASSED, Answer, Case, Parameter, check
from .recipe import HeaderEntry, Stage
from .recipe_faults import shown
from .verdict import Finding, Outcome, Position

AGENTS = (
    "docker",
    "docker-archive",
    "docker-daemon",
    "oci",
    "oci-archive",
    "library",
    "oras",
    "shub",
    "localimage",
    "scratch",
    "busybox",
    "debootstrap",
    "yum",
    "dnf",
    "zypper",
    "arch",
)
"""The agents of Apptainer 1.4.5 (it tells capital letters apart)."""

_DOCKER_HUB = frozenset(("docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"))
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def parse_faults(case: Case) -> tuple[Finding, ...]:
    """What Apptainer would reject, as findings of the given check."""
    return tuple(
        case.finding(
            f"{fault.message} Apptainer says: “{_short(fault.apptainer).rstrip('.')}”.",
            fault.hint,
            fault.position,
            fault.end,
        )
        for fault in case.recipe.faults
    )


def _short(message: str) -> str:
    """Apptainer's message without what is the same for all: the level, the file's name."""
    text = re.sub(r"^FATAL:\s+", "", message)
    text = re.sub(r"^Unable to build from .*?: (while parsing definition: .*?: )?", "", text, count=1)
    return shown(text.replace("Unable to create build: ", "").strip(), 120)


@check("recipe.parses")
def parses(case: Case) -> Answer:
    """Apptainer 1.4.5 can read the recipe."""
    faults = parse_faults(case)
    return Answer(Outcome.NOT_YET, faults) if faults else PASSED


def _at(entry: HeaderEntry) -> tuple[Position, Position]:
    return Position(entry.line, entry.column), Position(entry.line, entry.end_column)


BASE_PARAMETERS = (
    Parameter("image", "text", required=True),
    Parameter("tags", "texts", required=True),
    Parameter("agents", "texts"),
    Parameter("namespace", "text"),
    Parameter("suites", "texts"),
)
"""What describes a base image; `image` may hold its namespace (`rocker/r-ver`)."""


@check("recipe.base", *BASE_PARAMETERS)
def base(case: Case) -> Answer:
    """The recipe starts from a certain image, however its name is written."""
    image, tags = _full_name(case), case.texts("tags")
    stage = case.recipe.last_stage
    example = f"`From: {image}:{tags[0]}`"
    agent = stage.header.get("bootstrap") if stage else None
    source = stage.header.get("from") if stage else None
    if stage is None or agent is None:
        at = Position(source.key_line, source.key_column) if source else Position(1, 1)
        return case.fault(
            "The header has no `Bootstrap`, so Apptainer does not know where the base image comes from.",
            "Write `Bootstrap: docker` as the very first line.",
            at,
        )
    problem = _agent_problem(case, agent)
    if problem is not None:
        return problem
    if agent.value == "debootstrap":
        return _suite(case, stage, agent)
    if agent.value in ("yum", "dnf", "zypper") and _mirrors(case, stage):
        return PASSED
    if agent.value in ("scratch", "busybox", "yum", "dnf", "zypper", "arch", "shub"):
        return case.fault(
            f"The agent `{agent.value}` does not make an image of `{image}`."
            if "/" in image
            else f"The agent `{agent.value}` does not make an {image.capitalize()} image.",
            f"Take `Bootstrap: docker` and {example}.",
            *_at(agent),
        )
    if source is None or not source.value:
        at = Position(agent.line, 1)
        above = case.recipe.stages[-2].header if len(case.recipe.stages) > 1 else {}
        if source is None and "from" in above and "bootstrap" not in above:
            entry = above["from"]
            return case.fault(
                f"`Bootstrap` on line {agent.line} begins a new header, so the `From` above it on line {entry.line} "
                "does not belong to it.",
                "Let `Bootstrap` be the first line, and `From` the one below it.",
                at,
            )
        return case.fault(
            f"The header has no `From`{'' if source is None else ' value'}, so Apptainer does not know which "
            f"image to start from.",
            f"Below `Bootstrap: {agent.value}`, write {example}.",
            Position(source.key_line, source.key_column) if source else at,
        )
    return _image(case, stage, agent, source)


def _full_name(case: Case) -> str:
    """The image's name with its namespace, where that is not Docker Hub's own."""
    image, namespace = case.text("image"), case.text("namespace")
    return image if "/" in image or namespace in ("", "library") else f"{namespace}/{image}"


def _agent_problem(case: Case, agent: HeaderEntry) -> Answer | None:
    value = agent.value
    if value in AGENTS:
        return None
    bare = value.strip("\"'").lower()
    if bare != value.lower():
        return case.fault(
            f"The quotes in `Bootstrap: {shown(value)}` belong to the value for Apptainer, and there is no such agent.",
            f"Leave the quotes out: `Bootstrap: {bare}`.",
            *_at(agent),
        )
    if value.lower() in AGENTS:
        return case.fault(
            f"There is no agent `{shown(value)}`: Apptainer tells small and capital letters apart here.",
            f"Write `Bootstrap: {value.lower()}`.",
            *_at(agent),
        )
    return case.fault(
        f"Apptainer has no agent `{shown(value)}`." if value else "`Bootstrap` has no value: no agent is named.",
        "Images from Docker Hub and other registries come with the agent `docker`: `Bootstrap: docker`.",
        *_at(agent),
    )


def _suite(case: Case, stage: Stage, agent: HeaderEntry) -> Answer:
    """A system made by debootstrap: right if its release is one of the suites."""
    suites = case.texts("suites")
    version = stage.header.get("osversion")
    mirror = stage.header.get("mirrorurl")
    if version is None or mirror is None:
        missing = "OSVersion" if version is None else "MirrorURL"
        return case.fault(
            f"The agent `debootstrap` needs `{missing}` in the header.",
            "The agent `docker` asks for less: `Bootstrap: docker` and one line `From`.",
            *_at(agent),
        )
    if version.value not in suites:
        return case.fault(
            f"`OSVersion: {shown(version.value)}` is another release than this step asks for.",
            f"Take `{suites[0]}`." if suites else "Take the agent `docker`.",
            *_at(version),
        )
    return PASSED


def _mirrors(case: Case, stage: Stage) -> bool:
    """Whether a system made of packages is the wanted one, by its mirror's address and `OSVersion`."""
    mirror, release = stage.header.get("mirrorurl"), stage.header.get("osversion")
    if mirror is None or _full_name(case).rpartition("/")[2] not in mirror.value.lower():
        return False
    parts = [release.value, *mirror.value.split("/")] if release else mirror.value.split("/")
    told = [part for part in parts if re.fullmatch(r"\d[\d.]*", part)]
    return bool(told) and all(any(fnmatchcase(part, tag) for tag in case.texts("tags")) for part in told)


def _image(case: Case, stage: Stage, agent: HeaderEntry, source: HeaderEntry) -> Answer:
    image, tags = _full_name(case), case.texts("tags")
    example = f"{image}:{tags[0]}"
    value = source.value
    scheme = re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", value)
    if scheme is not None:
        if agent.value in ("library", "oras") and scheme[0] == f"{agent.value}://":
            value = value[scheme.end() :]
        else:
            return case.fault(
                f"`From` names the image only; `{shown(scheme[0])}` does not belong there, `Bootstrap` says it "
                f"already.",
                f"Write `From: {shown(value[scheme.end() :]) or example}`.",
                *_at(source),
            )
    if value[:1] in "\"'" or value[-1:] in "\"'":
        return case.fault(
            f"The quotes in `From: {shown(value)}` belong to the name for Apptainer, and no image is called that.",
            f"Leave the quotes out: `From: {value.strip(chr(34) + chr(39))}`.",
            *_at(source),
        )
    if " " in value or "\t" in value:
        return case.fault(
            f"`From: {shown(value)}` has a blank in it; an image's name has none.",
            f"Write `From: {example}`.",
            *_at(source),
        )
    if agent.value in ("localimage", "docker-archive", "oci-archive", "oci"):
        return _file(case, source, value)
    allowed = case.texts("agents", ("docker", "docker-daemon", "library", "oras"))
    if agent.value not in allowed:
        return case.fault(
            f"The agent `{agent.value}` is not the one this step asks for.",
            f"Write `Bootstrap: {allowed[0]}`.",
            *_at(agent),
        )
    if agent.value == "library" and "library" not in stage.header:
        return case.fault(
            "The agent `library` has no default address in Apptainer, so nothing can be fetched.",
            "Take `Bootstrap: docker`, or name the library's address with `Library: https://…`.",
            *_at(agent),
        )
    return _reference(case, stage, agent, source, value)


def _reference(case: Case, stage: Stage, agent: HeaderEntry, source: HeaderEntry, value: str) -> Answer:
    """A name in a registry: `[registry/][collection/]name[:tag][@digest]`, with the keys Registry and Namespace."""
    path, _, digest = value.partition("@")
    parts = path.split("/")
    registry = ""
    if len(parts) > 1 and (re.search(r"[.:]", parts[0]) or parts[0] == "localhost"):
        registry = parts.pop(0)
    for key in ("registry", "namespace"):
        entry = stage.header.get(key)
        if entry is not None and entry.value:
            if key == "registry":
                registry = entry.value
            else:
                parts = [*entry.value.split("/"), *parts[-1:]]
    name, colon, tag = parts[-1].partition(":")
    collection = "/".join(parts[:-1])
    tags, full = case.texts("tags"), _full_name(case)
    namespace, _, image = full.rpartition("/")
    example = f"{full}:{tags[0]}"
    on_docker_hub = agent.value == "docker" and (not registry or registry in _DOCKER_HUB)
    if name != image:
        return case.fault(
            f"`{shown(source.value)}` is another image than `{full}`.", f"Write `From: {example}`.", *_at(source)
        )
    if on_docker_hub and namespace and collection != namespace:
        where = f"in the namespace `{shown(collection)}`" if collection else "among Docker Hub's official images"
        return case.fault(
            f"`{shown(source.value)}` would lie {where}: another image than `{full}`.",
            f"Write `From: {example}`.",
            *_at(source),
        )
    if on_docker_hub and not namespace and collection not in ("", "library"):
        return case.fault(
            f"`{shown(source.value)}` lies in the namespace `{shown(collection)}`: another image than the "
            f"official `{image}`.",
            f"Write `From: {example}`.",
            *_at(source),
        )
    if digest and not colon:
        return PASSED if _DIGEST.fullmatch(digest) else _bad_digest(case, source)
    if not tag:
        return case.fault(
            f"`{shown(source.value)}` has no tag: you get whatever is newest on the day of the build.",
            f"Name the version after a colon: `From: {example}`.",
            *_at(source),
        )
    if not any(fnmatchcase(tag, wanted) for wanted in tags):
        return case.fault(
            f"The tag `{shown(tag)}` is not the version this step asks for.", f"Write `From: {example}`.", *_at(source)
        )
    if digest and not _DIGEST.fullmatch(digest):
        return _bad_digest(case, source)
    return PASSED


def _bad_digest(case: Case, source: HeaderEntry) -> Answer:
    return case.fault(
        "What follows the `@` is no digest: those read `sha256:` and 64 hexadecimal digits.",
        "Leave it out, or copy it whole.",
        *_at(source),
    )


def _file(case: Case, source: HeaderEntry, value: str) -> Answer:
    """An image in a file: only its name tells what it is."""
    name = value.rstrip("/").rpartition("/")[2].lower()
    versions = [tag.rstrip("-*") for tag in case.texts("tags")]
    if case.text("image").rpartition("/")[2] in value.lower() and any(version in value.lower() for version in versions):
        return PASSED
    return case.fault(
        f"Nobody can see from its name that `{shown(name)}` holds the image this step asks for.",
        f"Take it from the registry: `Bootstrap: docker` and `From: {_full_name(case)}:{case.texts('tags')[0]}`.",
        *_at(source),
    )


@check("recipe.section", Parameter("name", "text", required=True), Parameter("contains", "pattern"))
def section(case: Case) -> Answer:
    """The recipe has a certain section, with certain text in it."""
    name, pattern = case.text("name"), case.text("contains")
    body = case.scripts.body(name)
    early = next((part for stage in case.recipe.stages[:-1] for part in stage.named(name)), None)
    if body is None and early is not None:
        return case.fault(
            f"`%{name}` on line {early.start_line} stands in an earlier stage, of which only the files that are copied "
            "remain.",
            "Move it below the last header.",
            early.position,
        )
    if body is None:
        return case.fault(f"The recipe has no `%{name}` section.", f"Add a line `%{name}` and its text below it.")
    at = case.recipe.stages[-1].named(name)[0].position
    if not body.text.strip():
        return case.fault(f"`%{name}` on line {at.line} is empty.", "Write its text below it.", at)
    if pattern and re.search(pattern, body.text) is None:
        return case.fault(f"`%{name}` on line {at.line} does not say what it should yet.", "", at)
    return PASSED
