"""What a target offers, as evidence for steps that are about it, and the facts that lesson texts name."""

from __future__ import annotations

from collections.abc import Mapping

from cowshed_lab.doctor import State, symptoms
from cowshed_lab.target import Target, TargetError
from cowshed_lessons.course_variables import UNKNOWN_TARGET
from cowshed_lessons.evidence import EnvironmentEvidence, Fact, FactState

FACTS = ("apptainer", "base-images", "build-mode", "cache", "fuse", "modules", "scratch", "slurm", "temporary-space")
"""Names of all facts."""

_STATES: Mapping[State, FactState] = {State.OK: "ok", State.NOTE: "warning", State.PROBLEM: "problem"}

_MORE = r"""
command -v module >/dev/null 2>&1 || [ -n "${LMOD_CMD:-}${MODULESHOME:-}" ] && echo modules=yes
echo "account=$(id -un)"
for place in "${SCRATCH:-}" "/scratch/$(id -un)" /scratch "${TMPDIR:-/tmp}"; do
    if [ -n "$place" ] && [ -d "$place" ] && [ -w "$place" ]; then echo "scratch=$place"; break; fi
done
"""
"""A constant: no data of anybody's goes into it. A login shell knows the modules."""


async def facts_of(target: Target) -> dict[str, str]:
    """Return what stands for the variables of lesson texts on a target, those of an unknown one where it says nothing.

    Raises:
        TargetError: the connection failed.
    """
    answers = await _more(target)
    facts = {**UNKNOWN_TARGET, **{name: answers[name] for name in ("account", "scratch") if answers.get(name)}}
    if target.name == "practice":
        from cowshed_lab.practice.cluster import PracticeCluster

        facts.update(PracticeCluster().facts())
    return facts


async def password_of(target: Target) -> str | None:
    """Return the password of the registry that a target brings along, None where it brings none.

    Only who types it at a prompt may have it: it goes into no text, no log and no evidence.
    """
    if target.name != "practice":
        return None
    from cowshed_lab.practice.cluster import PracticeCluster

    login = (await PracticeCluster().status()).registry_login
    return login[1] if login else None


async def look_at_target(target: Target) -> EnvironmentEvidence:
    """Return what a target offers. Nothing is raised: where it cannot be looked at, `problem` says so."""
    try:
        found = {
            symptom.probe.replace(" ", "-"): Fact(
                _STATES[symptom.state], _value(symptom.message), f"{symptom.message} {symptom.advice}".strip()
            )
            for symptom in await symptoms(target)
        }
        more = await _more(target)
    except TargetError as error:
        return EnvironmentEvidence(target=target.label, problem=str(error))
    if more.get("modules"):
        found["modules"] = Fact("ok", "yes", "Software is loaded with `module load` here.")
    else:
        found["modules"] = Fact("ok", "no", "There are no modules here: what is installed is there at once.")
    place = more.get("scratch", "")
    found["scratch"] = Fact("ok", place, f"Large files may go to {place}.") if place else Fact("unknown")
    return EnvironmentEvidence(found, target.label)


async def _more(target: Target) -> dict[str, str]:
    outcome = await target.run(["bash", "-l", "-s"], stdin=_MORE.encode())
    lines = outcome.output.decode(errors="replace").splitlines()
    parts = [line.partition("=") for line in lines]
    return {name: value.strip() for name, sign, value in parts if sign}


def _value(message: str) -> str:
    """The few words that say it: what stands before the first bracket or colon."""
    return message.partition(" (")[0].partition(":")[0].rstrip(".")
