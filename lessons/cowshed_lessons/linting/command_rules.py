"""Rules about commands that do harm, or nothing."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from itertools import islice

from cowshed_lessons.recipe_faults import shown
from cowshed_lessons.verdict import Position

from .findings import Problem, Range, Severity
from .linted import Linted
from .package_rules import range_of
from .registry import rule

_BASE = "Bootstrap: docker\nFrom: ubuntu:22.04\n"
_HOST_FOLDERS = re.compile(r"/(?:var/)?tmp(?:/(?:\*|\.\*|\{.*)?|/?\*)?")
# Each: what a secret looks like; words of which one is in every such text (in small letters), and, where they
# are common, an expression that finds something wherever there is one (both are cheaper to look for); its name.
_SECRETS: tuple[tuple[re.Pattern[str], tuple[str, ...], re.Pattern[str] | None, str], ...] = (
    (
        re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36}\b|\bgithub_pat_[A-Za-z0-9_]{40}"),
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
        None,
        "a GitHub token",
    ),
    (re.compile(r"\bglpat-[A-Za-z0-9_-]{20}"), ("glpat-",), None, "a GitLab token"),
    (re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"), ("akia", "asia"), None, "an AWS key"),
    (re.compile(r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----"), ("private key",), None, "a private key"),
    (re.compile(r"\bxox[abp]-[0-9A-Za-z-]{20}"), ("xoxa-", "xoxb-", "xoxp-"), None, "a Slack token"),
    (re.compile(r"\bhf_[A-Za-z]{30}"), ("hf_",), re.compile("hf_[A-Za-z]{5}"), "a Hugging Face token"),
    (
        re.compile(r"://[A-Za-z0-9_.-]{1,40}:(?!\$|x@)[^\s@/:$<>{}\"'*]{4,100}@"),
        ("@",),
        re.compile("://[^/\\s]{1,100}@"),
        "a password in an address",
    ),
    (
        re.compile(
            r"(?i)(?:password|passwd|secret|api_?key|access_?token|auth_?token)[ \t]?=[ \t]?[\"']?(?!\$|<|\{|none"
            r"|true|false|yes|no\b|your|changeme|x{3})[A-Za-z0-9+/_.!-]{8,200}"
        ),
        ("passw", "secret", "key", "token"),
        re.compile(r"(?i)(?:passw|secret|key|token)[a-z]{0,4}[ \t]?="),
        "a password or key",
    ),
)
_KEY_FILES = re.compile(
    r"(?:^|/)(?:id_(?:rsa|dsa|ecdsa|ed25519)|\.ssh/?|\.aws(?:/credentials)?|\.netrc|\.docker/config\.json|\.git-credentials"
    r"|[^/]+\.(?:pem|key))$"
)


@rule(
    "sudo",
    Severity.WARNING,
    "`sudo` in a build",
    why="A build runs as root already, and most base images have no `sudo`: then the build ends there.",
    wrong=_BASE + "%post\n    sudo mkdir /opt/cow\n",
    right=_BASE + "%post\n    mkdir /opt/cow\n",
    source="like hadolint DL3004",
)
def _sudo(linted: Linted) -> Iterator[Problem]:
    for stage in linted.stages:
        body = stage.shell_body("post")
        for node in body.nodes("command") if body else ():
            if body is None or body.source[node.start_byte : node.start_byte + 5] != b"sudo ":
                continue
            place = body.range_of(node)
            word = Range(place.start, Position(place.start.line, place.start.column + 4))
            with_blank = Range(word.start, Position(word.start.line, word.end.column + 1))
            line = linted.line(word.start.line)[word.end.column - 1 :].split()
            plain = bool(line) and not line[0].startswith("-")
            fixes = linted.fix("Remove `sudo`", (with_blank, "sudo ", "")) if plain else ()
            yield Problem("A build runs as root: leave `sudo` out.", word, fixes)


@rule(
    "rm-tmp",
    # No error, for all its harm: the build itself works, and an administrator may have switched the mount off.
    Severity.WARNING,
    "The host's temporary files are deleted",
    why="/tmp and /var/tmp are the host's in `%post`. `rm -rf /tmp/*` deletes what other programs, and as root "
    "other people, keep there. Delete only what the recipe made.",
    wrong=_BASE + "%post\n    rm -rf /tmp/*\n",
    right=_BASE + "%post\n    rm -rf /tmp/build-of-cow\n",
    source="singularity#2538; seen in real builds",
)
def _rm_tmp(linted: Linted) -> Iterator[Problem]:
    for stage in linted.stages:
        for name in ("post", "setup", "pre"):
            body = stage.shell_body(name)
            if body is None or not body.is_read:
                continue
            for command in stage.scripts.script(name).commands:
                if command.program != "rm":
                    continue
                options = [word.text for word in command.arguments if word.text.startswith("-")]
                recursive = any(re.match(r"--recursive$|-[a-zA-Z]*[rR]", option) for option in options)
                for word in command.arguments:
                    if _HOST_FOLDERS.fullmatch(word.text) and (recursive or word.text.endswith("*")):
                        yield Problem(
                            f"`{shown(word.text)}` is the host's: this deletes other people's files too.",
                            Range(word.position, word.end)
                            if word.position.line == word.end.line
                            else range_of(command),
                        )


@rule(
    "setup-host",
    Severity.WARNING,
    "A script that runs on the host",
    why="`%setup` and `%pre` run outside the container, on the computer that builds, with your rights (or "
    "root's), and see what is installed there. Mostly `%files` and `%post` do what is needed.",
    wrong=_BASE + "%setup\n    cp a.txt ${APPTAINER_ROOTFS}/opt/\n",
    right=_BASE + "%files\n    a.txt /opt/\n",
    source="Apptainer's documentation of %setup",
)
def _setup_host(linted: Linted) -> Iterator[Problem]:
    for _, section in linted.sections:
        if section.name in ("setup", "pre") and any(
            line.strip() and not line.lstrip().startswith("#") for line in section.body.text.split("\n")
        ):
            yield Problem(
                f"`%{section.name}` runs on the computer that builds, not in the container.",
                linted.whole_line(section.start_line),
            )


@rule(
    "secret",
    Severity.WARNING,
    "A secret in the recipe",
    why="The recipe is kept in the image, and everyone who has the image can read it (`apptainer inspect "
    "--deffile`). Copied keys are there too.",
    wrong=_BASE + "%post\n    export API_KEY=5f4dcc3b5aa765d61d83\n    curl -H $API_KEY http://example.org\n",
    right=_BASE + "%runscript\n    exec curl -H $API_KEY http://example.org\n",
    source="like hadolint DL3064",
)
def _secret(linted: Linted) -> Iterator[Problem]:
    seen: set[int] = set()
    lowered = linted.text.lower()
    for pattern, words, hint, what in _SECRETS:
        if not any(word in lowered for word in words) or (hint is not None and not hint.search(linted.text)):
            continue
        for match in islice(pattern.finditer(linted.text), 100):
            place = linted.between(match.start(), match.end())
            if place.start.line not in seen:
                seen.add(place.start.line)
                yield Problem(f"This looks like {what}; everyone who has the image can read it.", place)
    for _, section in linted.sections:
        if section.name == "files" and not section.arguments.strip():
            for number in range(section.start_line + 1, section.end_line + 1):
                word = (linted.line(number).split() or [""])[0].strip('"')
                if _KEY_FILES.search(word) and not word.startswith("#"):
                    yield Problem(
                        f"`{shown(word)}` may hold a key that everyone who has the image can read.",
                        linted.whole_line(number),
                    )


@rule(
    "ignore-unknown",
    Severity.WARNING,
    "A comment silences a rule that does not exist",
    why="`# cowshed: ignore=RULE` names rules by their identifiers; a misspelt one silences nothing.",
    wrong="# cowshed: ignore=form-latest\nBootstrap: docker\nFrom: ubuntu:22.04\n",
    right="# cowshed: ignore=from-latest\nBootstrap: docker\nFrom: ubuntu:latest\n",
    source="Cowshed",
)
def _ignore_unknown(linted: Linted) -> Iterator[Problem]:
    from .registry import RULES

    for mention in linted.suppressions.mentions:
        if not mention.rule:
            line = linted.line(mention.line)
            yield Problem(
                "This comment silences nothing: write `# cowshed: ignore=RULE`, in small letters, with a rule's name.",
                linted.in_line(mention.line, mention.column - 1, len(line.rstrip())),
            )
            continue
        if mention.rule not in RULES and not re.fullmatch(r"SC\d{4}", mention.rule):
            start = mention.column - 1
            guess = difflib.get_close_matches(mention.rule.lower(), RULES, n=1)
            hint = f"; it may be `{guess[0]}`" if guess else ""
            yield Problem(
                f"There is no rule called `{shown(mention.rule)}`{hint}.",
                linted.in_line(mention.line, start, start + len(mention.rule)),
            )
