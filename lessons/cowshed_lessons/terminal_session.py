"""What the learner ran in the terminal: programs with their words, however the command line was put together.

Aliases switched off by a backslash, folders entered first, subshells, `bash -c '…'`, `time`, `nohup`, variables set for
a command, Slurm's `srun` and `sbatch --wrap` are looked through. Variables of one command line are known in the next.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache

from .evidence import CommandEvidence
from .shell import UNKNOWN, Command, Script, body_of, read_script

APPTAINER = ("apptainer", "singularity")
"""The program under its two names."""

_HOME = "~"
_MOST_DEPTH = 4
_MOST_TEXT = 1_000
_GLOBAL_VALUED = frozenset(("-c", "--config"))
_GROUPS = frozenset(
    ("cache", "capability", "config", "instance", "key", "keyserver", "oci", "overlay", "plugin", "registry", "remote",
     "sif")
)  # fmt: skip
# Options of Apptainer 1.4.5's commands that take their value from the next word.
_VALUED = frozenset(
    ("-B", "--bind", "-H", "--home", "-o", "--overlay", "-S", "--scratch", "-W", "--workdir", "--add-caps", "--app",
     "--apply-cgroups", "--authfile", "--blkio-weight", "--blkio-weight-device", "--cpu-shares", "--cpus",
     "--cpuset-cpus", "--cpuset-mems", "--cwd", "--pwd", "--dns", "--docker-host", "--drop-caps", "--env", "--env-file",
     "--fusemount", "--hostname", "--memory", "--memory-reservation", "--memory-swap", "--mount", "--netns-path",
     "--network", "--network-args", "--no-mount", "--pem-path", "--pids-limit", "--security", "--arch", "--build-arg",
     "--build-arg-file", "--dir", "--library", "--name", "--section", "--days", "-D", "-T", "--type", "--username",
     "-u", "--password", "-p", "--key", "-k", "--keyidx", "--group-id", "-g", "--sif-id", "-i", "--url", "--secret",
     "--size", "-s", "--pid-file", "--mksquashfs-args", "--platform", "-d", "--description")
)  # fmt: skip
# One letter means different things to different commands; these take no value there.
_FLAGS: Mapping[str, frozenset[str]] = {
    "build": frozenset(("-s", "-T", "-u", "-d", "-i")),
    "inspect": frozenset(("-d", "-s", "-i", "-T")),
    "run": frozenset(("-u", "-p", "-i", "-s")),
    "exec": frozenset(("-u", "-p", "-i", "-s")),
    "shell": frozenset(("-u", "-p", "-i")),
    "test": frozenset(("-u", "-p", "-i", "-s")),
    "instance": frozenset(("-u", "-p", "-i", "-s")),
    "verify": frozenset(("-p", "-u", "-s", "-d")),
    "push": frozenset(("-U",)),
    "cache": frozenset(("-s",)),
    "key": frozenset(("-s", "-p")),
    "remote": frozenset(("-p",)),
}
_SLURM_VALUED = frozenset(
    ("-A", "--account", "-c", "--cpus-per-task", "-C", "--constraint", "-D", "--chdir", "-e", "--error", "-G", "--gpus",
     "--gres", "-i", "--input", "-J", "--job-name", "-L", "--licenses", "-M", "--clusters", "-m", "--distribution",
     "--mem", "--mem-per-cpu", "--mem-per-gpu", "-N", "--nodes", "-n", "--ntasks", "--ntasks-per-node", "-o",
     "--output", "-p", "--partition", "-q", "--qos", "--reservation", "-t", "--time", "-w", "--nodelist", "-x",
     "--exclude", "--gpus-per-node", "--gpus-per-task", "--cpu-bind", "--mpi", "--export", "--jobid", "-d",
     "--dependency", "-a", "--array", "--mail-type", "--mail-user", "--begin", "-b", "--signal")
)  # fmt: skip
_SLURM = frozenset(("srun", "salloc", "sbatch", "crun"))


@dataclass(frozen=True, slots=True)
class Call:
    """A program that ran: its words after the name, and the variables that it was given.

    For Apptainer `subcommand` is what it was told to do (`build`, `registry login`), `options` the words before the
    first operand; of other programs it is the first word that is no option, and every word counts as both.
    """

    program: str
    subcommand: str
    options: tuple[str, ...]
    arguments: tuple[str, ...]
    environment: Mapping[str, str]

    def is_told(self, subcommands: Sequence[str]) -> bool:
        """Whether it is told one of these: `key newpair`, or `key` for all that begin so."""
        return any(self.subcommand == each or self.subcommand.startswith(f"{each} ") for each in subcommands)

    def has_option(self, names: Sequence[str]) -> bool:
        """Whether one of these options is given: `--bind=x`, `-wf` for `-w`, or by Apptainer's variable for it."""
        for name in names:
            if any(_is_option(word, name) for word in self.options):
                return True
            if name.startswith("--") and self.program in APPTAINER:
                variable = name[2:].replace("-", "").upper(), name[2:].replace("-", "_").upper()
                if any(self._variable(each) for each in (*variable, *(("BINDPATH",) if name == "--bind" else ()))):
                    return True
        return False

    def _variable(self, name: str) -> bool:
        value = self.environment.get(f"APPTAINER_{name}", self.environment.get(f"SINGULARITY_{name}", ""))
        return value.lower() not in ("", "0", "false", "no")

    def names(self, pattern: str) -> bool:
        """Whether some word fits a pattern: whole, without its folders, or as an option's value."""
        return any(fits(text, pattern) for word in self.arguments for text in _readings(word)) or any(
            fits(text, pattern)
            for name, value in self.environment.items()
            if name.startswith(("APPTAINER_", "SINGULARITY_"))
            for text in value.split(",")
        )


def fits(text: str, pattern: str) -> bool:
    """Whether a word fits a pattern; what is unknown of it may be anything."""
    if UNKNOWN not in text:
        return fnmatchcase(text, pattern)
    return fnmatchcase(text, pattern) or _may_fit(text, pattern)


def _may_fit(text: str, pattern: str) -> bool:
    """Whether two texts with gaps (`*` in one, the unknown in the other) can be the same."""
    if len(text) > _MOST_TEXT:
        return True
    ends = len(text), len(pattern)
    seen = {(0, 0)}
    waiting = [(0, 0)]
    while waiting:
        at, of = waiting.pop()
        if (at, of) == ends:
            return True
        following = []
        if at < ends[0] and text[at] == UNKNOWN:
            following += [(at + 1, of), (at, of + 1)]
        if of < ends[1] and pattern[of] == "*":
            following += [(at, of + 1), (at + 1, of)]
        if at < ends[0] and of < ends[1] and pattern[of] in (text[at], "?"):
            following.append((at + 1, of + 1))
        for place in following:
            if place not in seen and place[0] <= ends[0] and place[1] <= ends[1]:
                seen.add(place)
                waiting.append(place)
    return False


def _is_option(word: str, name: str) -> bool:
    if word == name or word.startswith(f"{name}="):
        return True
    short = len(name) == 2 and name[0] == "-" and name[1] != "-"
    return short and re.match(r"-[A-Za-z]", word) is not None and name[1] in word.partition("=")[0][1:]


def _readings(word: str) -> Iterator[str]:
    """A word as it may be meant: whole, without folders, an option's value."""
    values = [word]
    if word.startswith("-") and "=" in word:
        values.append(word.partition("=")[2])
    elif re.match(r"-[A-Za-z]\S", word):
        values.append(word[2:])
    for value in values:
        yield value
        bare = value.rstrip("/")
        yield bare
        yield bare.rpartition("/")[2]
        yield value.removeprefix("./")


@dataclass(frozen=True, slots=True)
class Ran:
    """One command line of the learner's, and all programs that it ran."""

    evidence: CommandEvidence
    script: Script
    calls: tuple[Call, ...]


def session(commands: Sequence[CommandEvidence]) -> tuple[Ran, ...]:
    """All command lines in the order in which they ran, variables carried from one to the next."""
    variables: tuple[tuple[str, str], ...] = (("HOME", _HOME),)
    found = []
    for evidence in commands:
        script, calls = _read(evidence.command_line, variables)
        found.append(Ran(evidence, script, calls))
        variables = tuple(sorted({**dict(variables), **{k: v.text for k, v in script.variables.items()}}.items()))
    return tuple(found)


@lru_cache(maxsize=512)
def _read(line: str, variables: tuple[tuple[str, str], ...], depth: int = 0) -> tuple[Script, tuple[Call, ...]]:
    script = read_script(body_of(line), variables=dict(variables), bash=True)
    calls: list[Call] = []
    for command in script.commands:
        calls += _calls(command, depth)
    return script, tuple(calls)


def _calls(command: Command, depth: int) -> Iterator[Call]:
    words = [word.text for word in command.words]
    inner = _inside_slurm(words) if command.program in _SLURM else ""
    if inner and depth < _MOST_DEPTH:
        yield from _read(inner, tuple(sorted(command.environment.items())), depth + 1)[1]
    if command.program in APPTAINER:
        yield _apptainer(words, command.environment)
    elif words and words[0].endswith(".sif"):
        yield Call("apptainer", "run", (), tuple(words), command.environment)  # an image is a program
    else:
        rest = tuple(words[1:])
        first = next((word for word in rest if not word.startswith("-")), "")
        yield Call(command.program, first, rest, rest, command.environment)


def _inside_slurm(words: Sequence[str]) -> str:
    """The command line that Slurm runs for these words, empty where it is a script or none."""
    index = 1
    while index < len(words) and words[index].startswith("-"):
        word = words[index]
        if word.startswith("--wrap="):
            return word.partition("=")[2]
        if word == "--wrap":
            return words[index + 1] if index + 1 < len(words) else ""
        index += 2 if word in _SLURM_VALUED else 1
    # UNKNOWN is no character that a shell minds.
    return shlex.join(words[index:]) if words[0].rpartition("/")[2] != "sbatch" else ""


def _apptainer(words: Sequence[str], environment: Mapping[str, str]) -> Call:
    index = 1
    while index < len(words) and words[index].startswith("-"):
        index += 2 if words[index] in _GLOBAL_VALUED else 1
    if index >= len(words):
        return Call("apptainer", "", tuple(words[1:]), tuple(words[1:]), environment)
    subcommand = {"keys": "key", "caps": "capability"}.get(words[index], words[index])
    rest = list(words[index + 1 :])
    if subcommand in _GROUPS:
        at = next((place for place, word in enumerate(rest) if not word.startswith("-")), None)
        if at is not None:
            subcommand = f"{subcommand} {rest.pop(at)}"
    flags = _FLAGS.get(subcommand.partition(" ")[0], frozenset())
    end = 0
    while end < len(rest) and rest[end].startswith("-") and rest[end] != "--":
        end += 2 if rest[end] in _VALUED and rest[end] not in flags else 1
    return Call("apptainer", subcommand, tuple(rest[:end]), tuple(rest), environment)
