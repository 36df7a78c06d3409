"""Why a build failed: its log, explained.

To add an explanation: one `Cause` in `CAUSES`, at its place (the first that fits is taken), and a recorded log in
`tests/lessons/build_logs`. `recorded` is False where no real log of Apptainer 1.4.5 was at hand when the entry was
written; its pattern then comes from the program's source or its issues, as `source` says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

FaultOf = Literal["recipe", "environment"]

_ESCAPE = re.compile(r"\x1b(\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\))")


@dataclass(frozen=True, slots=True)
class Explanation:
    """A failed build in plain words. `fault` says whose: an environment fault is never the learner's mistake."""

    id: str
    title: str
    meaning: str
    advice: str
    fault: FaultOf


@dataclass(frozen=True, slots=True)
class Cause:
    """A known cause: its explanation, and the pattern that shows it in a log."""

    id: str
    title: str
    meaning: str
    advice: str
    fault: FaultOf
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None = None
    recorded: bool = True
    source: str = ""

    def explanation(self, match: re.Match[str] | None = None) -> Explanation:
        """The explanation, with what the pattern named `what` filled in."""
        what = next((text for text in match.groupdict().values() if text), "") if match else ""
        meaning = self.meaning.replace("{what}", what.strip()[:80])
        return Explanation(self.id, self.title, meaning, self.advice, self.fault)


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.MULTILINE)


_LISTS_FETCHED = _pattern(r"^(Get|Hit|Ign):\d+ |^\+ .*\b(apt-get|apt|aptitude)\b.* update\b|^Fetched [\d.,]+ [kM]?B")

_NO_NETWORK = (
    "See whether this computer has a way out: some compute nodes have none. If the message names a registry or a "
    "server that stands in your recipe, compare its spelling, too: a misspelt one looks the same. Then build again."
)

CAUSES: tuple[Cause, ...] = (
    Cause(
        "rate-limit",
        "The registry asks for a pause",
        "Docker Hub lets an address fetch only so many images in a few hours, and that number has been reached, "
        "perhaps by "
        "others behind the same address.",
        "Wait, or log in with an account of your own: `apptainer registry login -u NAME docker://docker.io`.",
        "environment",
        _pattern(r"(?i)toomanyrequests|TOOMANYREQUESTS|pull rate limit|429 Too Many Requests"),
        recorded=False,
        source="Docker Hub's documented error code `toomanyrequests`",
    ),
    Cause(
        "no-user-mapping",
        "This account may not pretend to be root",
        "Apptainer found no range of user numbers for this account (`/etc/subuid`), and a build needs one here.",
        "Ask the cluster's support for a subuid and subgid range, or build on another target.",
        "environment",
        _pattern(
            r"(?i)no mapping entry found in /etc/sub[ug]id|could not use fakeroot: no (user|mapping)|"
            r"newuidmap.*(failed|not permitted)|user namespaces? (are|is) (not supported|disabled)|"
            r"could not (setup|set up) user namespace|failed to (create|set) user namespace"
        ),
        recorded=False,
        source="apptainer v1.4.5, internal/pkg/fakeroot and runtime starter",
    ),
    Cause(
        "libc-mismatch",
        "The host's fakeroot does not fit the image",
        "Without a range of user numbers Apptainer lends the image the host's fakeroot, and that program needs "
        "a newer or other "
        "C library than the image has.",
        "Build with `--ignore-fakeroot-command`, or ask for a subuid range.",
        "environment",
        _pattern(
            r"faked?: not found|fakeroot: error while starting the .faked. daemon|GLIBC_[\d.]+' not found.*fake|"
            r"kill -l \[exitstatus\]|sh: you need to specify whom to kill"
        ),
        recorded=False,
        source="the course this one is modelled on, and apptainer#2103",
    ),
    Cause(
        "quota",
        "Your quota is used up",
        "The file system refuses to store more for your account.",
        "Clean the cache (`apptainer cache clean`) or move it: set `APPTAINER_CACHEDIR` and `APPTAINER_TMPDIR` "
        "to a scratch "
        "folder.",
        "environment",
        _pattern(r"(?i)disk quota exceeded"),
        recorded=False,
        source="EDQUOT, strerror(3); apptainer#546",
    ),
    Cause(
        "disk-full",
        "No space left",
        "A disk is full: the one for temporary files, the cache, or the folder of the image.",
        "Free some space, or set `APPTAINER_TMPDIR` and `APPTAINER_CACHEDIR` to a folder on a larger disk.",
        "environment",
        _pattern(r"(?i)no space left on device"),
    ),
    Cause(
        "disk-full",
        "No space left",
        "apt saw that what it would install does not fit on the disk.",
        "Free some space, or set `APPTAINER_TMPDIR` to a folder on a larger disk.",
        "environment",
        _pattern(r"You don't have enough free space"),
        recorded=False,
        source="apt's private-install.cc",
    ),
    Cause(
        "fuse",
        "FUSE does not work here",
        "Apptainer could not mount an image with FUSE: the device is missing, forbidden, or its helper is not "
        "installed.",
        "This is for the computer's administrators. With `--unsquash` or `--sandbox` it may work without.",
        "environment",
        _pattern(
            r"(?i)/dev/fuse|fuse: (device not found|failed)|squashfuse(_ll)?\b.*(denied|not "
            r"found|failed)|fusermount3?: "
        ),
        recorded=False,
        source="reference/practice-cluster.md: squashfuse_ll … Permission denied",
    ),
    Cause(
        "access-denied",
        "The registry does not let you in",
        "It wants a login for this image, or there is no such image: Docker Hub answers both alike.",
        "Look at the name in `From` once more. For a private image log in first: `apptainer registry login`.",
        "environment",  # the log cannot tell a wrong name from a missing login
        _pattern(
            r"UNAUTHORIZED: authentication required|DENIED: |errors:\s*denied:|requested access to the resource "
            r"is denied|"
            r"unauthorized: authentication required|: 401 Unauthorized|: 403 Forbidden"
        ),
        recorded=False,
        source="OCI distribution specification, error codes",
    ),
    Cause(
        "image-not-found",
        "There is no such image",
        "The registry does not know that image, or not with that tag.",
        "Compare the name and the tag in `From` with what the registry offers.",
        "recipe",
        _pattern(r"MANIFEST_UNKNOWN|NAME_UNKNOWN|manifest unknown|repository name not known"),
    ),
    Cause(
        "definition-invalid",
        "`From` is not read as an image's name",
        "What stands in `From` was taken for the address of a registry: `docker://` belongs on the command "
        "line, not there.",
        "Write the name alone, as in `From: ubuntu:22.04`.",
        "recipe",
        _pattern(r"(lookup docker on |https?://(docker|library|oras)/v2/)"),
    ),
    Cause(
        "network",
        "The network does not answer",
        "A name could not be looked up, or a connection was not made.",
        _NO_NETWORK,
        "environment",
        _pattern(
            r"(?i)Temporary failure resolving|Could not resolve '|no such host|dial tcp .*refused|"
            r"Could not connect to "
        ),
    ),
    Cause(
        "network",
        "The network does not answer",
        "A name could not be looked up, or a connection was not made.",
        _NO_NETWORK,
        "environment",
        _pattern(
            r"(?i)Temporary failure in name resolution|Could not resolve( host)?: |"
            r"dial tcp .*(unreachable|timeout)|network is unreachable|connection (refused|reset by peer)|"
            r"TLS handshake timeout|proxyconnect"
        ),
        recorded=False,
        source="glibc's and curl's messages, Go's net package",
    ),
    Cause(
        "timeout",
        "It took too long",
        "A connection was open but nothing came, or the time that the build was given ran out.",
        "Build again; if it happens every time, try another hour or another target.",
        "environment",
        _pattern(
            r"(?i)i/o timeout|context deadline exceeded|Client\.Timeout exceeded|DUE TO TIME LIMIT|Connection timed out"
        ),
        recorded=False,
        source="Go's net package, Slurm's job messages",
    ),
    Cause(
        "killed",
        "The build was killed",
        "Something ended it by force, mostly the system for want of memory.",
        "Ask for more memory (in Slurm: `--mem`), or build where there is more.",
        "environment",
        _pattern(r"signal: killed"),
    ),
    Cause(
        "killed",
        "The build was killed",
        "The memory was not enough.",
        "Ask for more memory (in Slurm: `--mem`), or build where there is more.",
        "environment",
        _pattern(r"(?i:out of memory|oom-kill|oom_kill|cannot allocate memory)|^Killed\b|slurmstepd: error: Detected"),
        recorded=False,
        source="the kernel's, dash's and Slurm's messages",
    ),
    Cause(
        "prompt-unanswered",
        "apt asked and nobody answered",
        "apt wanted to know whether to go on. A build has no keyboard, so it took silence for no and stopped.",
        "Give the answer in advance: `apt-get install -y …`.",
        "recipe",
        _pattern(r"Do you want to continue\? \[[Yy]/[Nn](/\?)?\]( n \(stdin unavailable\))?\s*Abort"),
    ),
    Cause(
        "package-lists-missing",
        "apt has no package lists",
        "apt looked for `{what}` in its lists, but a fresh base image comes without any.",
        "Fetch them first: `apt-get update` above the install.",
        "recipe",
        _pattern(r"^E: (Unable to locate package|Package ')(?P<what>[^'\r\n]+)|has no installation candidate"),
        unless=_LISTS_FETCHED,
    ),
    Cause(
        "package-not-found",
        "There is no such package",
        "apt has its lists, and `{what}` is not in them.",
        "Look at the spelling. Some packages have another name in another release.",
        "recipe",
        _pattern(
            r"^E: (Unable to locate package |Couldn't find any package by (glob|regex) ')(?P<what>[^'\r\n]+)|"
            r"^E: (Version|Release) '(?P<version>[^'\r\n]+)' for|has no installation candidate"
        ),
    ),
    Cause(
        "apptainer-missing",
        "There is no Apptainer here",
        "The target has no program of the name `apptainer`, so nothing was built.",
        "Where software comes as modules, try `module load apptainer`. Otherwise choose another target.",
        "environment",
        _pattern(r"(?:^|: )(?:apptainer|singularity): (?:command )?not found"),
        unless=_pattern(r"^INFO:\s+Starting build"),  # then Apptainer is there, and `%post` asks for another one
    ),
    Cause(
        "command-not-found",
        "A command is not there",
        "`%post` calls `{what}`, which the image does not have at that point.",
        "Look at the spelling, or install what brings it first.",
        "recipe",
        _pattern(
            r"^(/\.post\.script|/bin/sh|sh|bash|/bin/bash)[^\r\n]*?: (line )?(\d+: )?(?P<what>[^:\r\n]+): "
            r"(command )?not found"
        ),
    ),
    Cause(
        "file-missing",
        "A file to copy is not there",
        "`%files` names `{what}`, which does not exist in the folder where you build.",
        "Paths in `%files` start at the folder you are in, not at the recipe's. Look with `ls`.",
        "recipe",
        _pattern(r"unable to copy files from host to container fs:.*?(cannot stat '(?P<what>[^']+)'|no such file)"),
    ),
    Cause(
        "image-in-use",
        "The image is already there",
        "A file of that name exists, or somebody is using it.",
        "Build with `--force` to replace it, or leave the shell that runs in it.",
        "environment",
        _pattern(r"(?i)build target .* already exists|text file busy|use --force if you want to overwrite"),
    ),
    Cause(
        "folder-read-only",
        "The image cannot be written there",
        "The folder does not let you create files, or it does not exist.",
        "Build into a folder of your own that exists.",
        "environment",
        _pattern(
            r"(?i)while creating (sif|container)[^\n]*(permission denied|read-only file system|no such file or "
            r"directory)"
        ),
    ),
    Cause(
        "definition-invalid",
        "Apptainer cannot read the recipe",
        "It stopped before building: {what}.",
        "The checks on the recipe say where and why.",
        "recipe",
        _pattern(
            r"FATAL:\s+Unable to build from [^\n]*?while parsing definition: [^\n]*?: (?P<what>[^\n]+)|"
            r"FATAL:\s+Unable to (build from [^:\n]+|create build|create apps): (?P<why>[^\n]+)|"
            r"conveyor failed to get: (?P<reference>could not parse reference: [^\n]*)|(?P<stage>stage \S+ was "
            r"not found)"
        ),
    ),
    Cause(
        "post-failed",
        "A command in %post failed",
        "The last line that begins with `+` is the command that failed; what it said stands below it.",
        "Read upwards from the end of the log.",
        "recipe",
        _pattern(
            r"while running %(post|setup|pre|test) section: exit status \d+|while running engine: exit status \d+"
        ),
    ),
)
"""All known causes; the first that fits a log is its explanation."""


_UNFINISHED = Explanation(
    "unfinished",
    "The build did not come to an end",
    "The connection was lost, the target stopped, or something ended the build by force.",
    "Build again. If it stops at the same place every time, ask for more memory (in Slurm: `--mem`).",
    "environment",
)


_OWN_WORDS = re.compile(r"^cowshed: (?P<said>[^\n]+)\s*\Z", re.MULTILINE)
"""What Cowshed itself wrote at the end of a log because it did not see the build's own end."""


def plain_log(log: str) -> str:
    """A log without colours and cursor movements, its lines ended by line feeds."""
    return re.sub(r"\r+\n|\r", "\n", _ESCAPE.sub("", log))


def explain(log: str, exit_status: int | None) -> Explanation | None:
    """Explain a failed build, or None where it did not fail or nothing is known about it.

    Args:
        log: All that the build printed.
        exit_status: Its exit status; None or a negative number where it was ended by force.
    """
    if exit_status == 0:
        return None
    text = plain_log(log)
    if exit_status is None and (own := _OWN_WORDS.search(text)):
        # It comes first: what a dying target prints, such as "signal: killed", is not why the build ended.
        return Explanation("not-seen", "The build's end was not seen", own["said"], "Then build again.", "environment")
    for cause in CAUSES:
        match = cause.pattern.search(text)
        if match is not None and (cause.unless is None or cause.unless.search(text) is None):
            return cause.explanation(match)
    if exit_status is None:
        return _UNFINISHED
    if exit_status < 0 or exit_status == 137:
        return next(cause for cause in CAUSES if cause.id == "killed").explanation()
    return None
