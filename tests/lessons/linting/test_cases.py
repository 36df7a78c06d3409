"""What the rules find, and what they leave alone, beyond their own examples."""

from __future__ import annotations

import pytest

from cowshed_lessons.linting import LintFinding, Severity, apply_fix, fix_all, lint

BASE = "Bootstrap: docker\nFrom: ubuntu:22.04\n"
CENTOS = "Bootstrap: docker\nFrom: quay.io/centos/centos:7\n"
E, W, I = Severity.ERROR, Severity.WARNING, Severity.INFO  # noqa: E741


def found(rule: str, text: str) -> list[LintFinding]:
    return [item for item in lint(text) if item.rule == rule]


FOUND = [
    ("from-missing", "Bootstrap: localimage\n", E, 1),
    ("from-missing", "Bootstrap: docker\nFrom:\n", E, 2),
    ("agent-unknown", "Bootstrap:\nFrom: a:1\n", E, 1),
    ("agent-unknown", "Bootstrap: podman\nFrom: a:1\n", E, 1),
    ("agent-unknown", "Bootstrap: dockr\nFrom: a:1\n", E, 1),
    ("agent-unknown", 'Bootstrap: "docker"\nFrom: a:1\n', E, 1),
    ("agent-dead", "Bootstrap: self\n", E, 1),
    ("key-unknown", BASE + "Target: x\n", E, 3),
    ("key-required", "Bootstrap: library\nFrom: a:1\n", W, 1),
    ("key-required", "Bootstrap: yum\nMirrorURL: http://x/%{OSVERSION}\n", E, 1),
    ("key-required", "Bootstrap: busybox\n", E, 1),
    ("key-unused", BASE + "IncludeCmd: yes\n", W, 3),
    ("from-scheme", "Bootstrap: shub\nFrom: shub://a/b\n", W, 2),
    ("bootstrap-missing", "%post\n true\n" + BASE, E, 1),
    ("bootstrap-missing", "From: a:1\n", E, 1),
    ("header-quoted", BASE + "Stage: 'a'\n", W, 3),
    ("section-unknown", BASE + "%environments\n A=1\n", E, 3),
    ("section-indented", BASE + "% post\n true\n", E, 3),
    ("section-trailing", BASE + "%post\t\n true\n", E, 3),
    ("section-trailing", BASE + "%post#x\n true\n", E, 3),
    ("section-in-body", BASE + "%post\ncat <<E\n%post\nE\n", E, 5),
    ("bootstrap-in-body", BASE + "%post\ncat <<-E\nx\nBootstrap: b\n\tE\n", E, 6),
    ("app-name", BASE + "%apprun\n true\n", E, 3),
    ("app-name", BASE + "%apprun a/b\n true\n", E, 3),
    ("files-args", BASE + "Stage: a\n" + BASE + "%files a\n b c\n", E, 6),
    ("files-args", BASE + "%files  \n b c\n", E, 3),
    ("files-args", BASE + "%files   # all of it\n b c\n", E, 3),
    ("files-args", BASE + "%files from the build\n b c\n", E, 3),
    ("files-tmp", BASE + "%files\n /home/me/a\n", W, 4),
    ("files-single-quote", BASE + "%files\n it's /a\n", E, 4),
    ("files-dst-var", BASE + "%files\n a ~/a\n", W, 4),
    ("files-stage", BASE + "Stage: a\n\n" + BASE + "Stage: b\n%files from b\n x\n", E, 8),
    ("stage-duplicate", BASE + "Stage: a\n\n" + BASE + "Stage: a\n", W, 7),
    ("arg-unused", BASE + "%arguments\n A=1", I, 4),
    ("label-syntax", BASE + "%labels\n Author: me\n", W, 4),
    ("label-syntax", BASE + "%labels\n Author\tme\n", W, 4),
    ("post-c-no-errexit", BASE + "%post -c /bin/bash -x # why\n true\n", W, 3),
    ("post-shebang", BASE + "%post\n\n  #!/bin/bash\n true\n", W, 5),
    ("script-shebang-late", BASE + "%test\n #!/bin/bash\n true\n", W, 4),
    ("script-c", BASE + "%test -c /bin/bash\n#!/bin/bash\n true\n", E, 3),
    ("heredoc-end", BASE + "%post\ncat <<E\nx\n", E, 4),
    ("heredoc-end", BASE + "%post\ncat <<-'E'\nx\n  E\n", E, 4),
    ("heredoc-end", BASE + "%post\n true\n cat <<E\n", E, 5),
    ("space-after-backslash", BASE + "%runscript\n a \\\t\n b\n", W, 4),
    ("shell-bashism", BASE + "%post\n a=(1 2)\n", E, 4),
    ("shell-bashism", BASE + "%post\n cat <<< x\n", E, 4),
    ("shell-bashism", BASE + "%post\n diff <(a) b\n", E, 4),
    ("shell-bashism", BASE + "%post\n function f { true; }\n", E, 4),
    ("shell-bashism", BASE + "%post\n echo ${A//b/c}\n", E, 4),
    ("shell-bashism", BASE + "%post\n set -o pipefail\n", E, 4),
    ("shell-bashism", BASE + "%post\n [ a == b ]\n", W, 4),
    ("shell-bashism", BASE + "%post\n make &> log\n", W, 4),
    ("shell-bashism", BASE + "%post\n if [[ -f x ]]; then y; fi\n", W, 4),
    ("shell-bashism", BASE + "%post\n source x || true\n", W, 4),
    ("shell-bashism", BASE + "%runscript\n source x\n", W, 4),
    ("shell-bashism", BASE + "%setup\n source x\n", W, 4),
    ("shell-bashism", CENTOS + "%post\n source x\n", W, 4),
    ("post-and-list", BASE + "%post\n a && b\n c\n", I, 4),
    ("pipe-no-pipefail", BASE + "%post\n /usr/bin/wget -O- x | sh\n", I, 4),
    ("apt-yes", CENTOS + "%post\n yum install x\n", W, 4),
    ("apt-yes", BASE + "%post\n apt-get update && apt-get \\\n   install x\n", W, 4),
    ("apt-update", BASE + "%post\n mkdir /x; apt-get install -y x\n", W, 4),
    ("apt-clean", CENTOS + "%post\n yum install -y x\n", I, 4),
    ("apt-interactive", BASE + "%post\n apt-get update\n apt-get install -y tzdata\n", W, 5),
    ("pip-cache", BASE + "%post\n python3 -m pip install x\n", I, 4),
    ("rm-tmp", BASE + "%post\n rm -rf /var/tmp/* /tmp\n", W, 4),
    ("secret", BASE + "%files\n ~/.ssh/id_rsa /opt/key\n", W, 4),
    ("secret", BASE + "%post\n git clone https://me:s3cr3t99@example.org/x\n", W, 4),
    ("secret", BASE + "%post\n curl -H 'Token: ghp_" + "a1" * 18 + "'\n", W, 4),
    ("env-in-post", BASE + "%environment\n export A=1\n%post\n echo ${A}\n", W, 6),
    ("runscript-args", BASE + "%apprun a\n make\n", I, 4),
    ("ignore-unknown", "# cowshed: ignore=SC2086,nothing\n" + BASE, W, 1),
]


@pytest.mark.parametrize(("rule", "text", "severity", "line"), FOUND)
def test_it_is_found(rule: str, text: str, severity: Severity, line: int) -> None:
    findings = found(rule, text)
    assert [(item.severity, item.range.start.line) for item in findings[:1]] == [(severity, line)]


LEFT_ALONE = [
    ("from-untagged", "Bootstrap: docker\nFrom: ubuntu@sha256:" + "0" * 64 + "\n"),
    ("from-untagged", "Bootstrap: docker\nFrom: localhost:5000/ubuntu:22.04\n"),
    ("from-latest", "Bootstrap: docker\nFrom: latest/ubuntu:22.04\n"),
    ("header-hash", BASE + "Stage: a # why\n"),
    ("files-args", BASE + "%files # all of it\n b c\n"),
    ("files-args", BASE + "Stage: a\n" + BASE + "%files from a # x\n b c\n"),
    ("files-comment", BASE + "%files\n a /a # x\n"),
    ("files-words", BASE + "%files\n a /a # x y z\n"),
    ("files-words", BASE + '%files\n "a b" "/a b"\n'),
    ("files-words", BASE + "%arguments\n A=1\n%files\n a{{ A }} /a{{ A }}\n"),
    ("files-tmp", BASE + "%files\n /tmp/a /opt/a\n"),
    ("label-syntax", BASE + "%labels\n url http://a=b\n a.b/c d: e\n # x=y\n"),
    ("arg-after-hash", BASE + "%arguments\n A=1\n%post\n # about {{ A }}\n true # {{ A }}\n"),
    ("post-c-no-errexit", BASE + "%post -c /bin/bash -ex\n true\n"),
    ("post-c-no-errexit", BASE + "%post -c /bin/bash\n set -e\n true\n"),
    ("post-c-no-errexit", BASE + "%post -c /usr/bin/python3\n print()\n"),
    ("post-shebang", BASE + "%post\n true\n#!/bin/bash\n"),
    ("heredoc-end", BASE + "%post\ncat <<'E'\nE\ncat <<-\\F\n\tF\ncat <<A <<B\nA\nB\n"),
    ("heredoc-end", BASE + "%post\n echo $((1<<2))\n # cat <<E\n"),
    ("space-after-backslash", BASE + "%post\n # a \\ \n echo 'b \\ \n'\n cat <<E\n a \\ \nE\n echo \\\\ \n"),
    ("shell-bashism", BASE + "%post -c /bin/bash\n source x; [[ a ]]; a=(1)\n"),
    ("shell-bashism", BASE + "%runscript\n#!/usr/bin/env bash\n [[ a ]]\n"),
    ("shell-bashism", BASE + "%environment\n source /x\n"),
    ("shell-bashism", BASE + "%post\n bash -c 'source x'\n echo 'a=(1)'\n cat <<E\n[[ a ]]\nE\n"),
    ("shell-bashism", BASE + "%post\n echo ${A:-b} ${A#b} ${A%%c} ${#A}\n"),
    ("post-and-list", BASE + "%post\n if a && b; then c; fi\n a && b || c\n d && e\n"),
    ("pipe-no-pipefail", BASE + "%post\n echo y | a\n"),
    ("pipe-no-pipefail", BASE + "%post -c /bin/bash -o pipefail -e\n a | b\n"),
    (
        "apt-yes",
        BASE + "%post\n apt-get update\n apt-get -qq install x\n yes | apt-get install y\n apt-get -s install z\n",
    ),
    ("apt-yes", BASE + "%post\n apt-get update\n apt-get install\n"),
    ("apt-update", BASE + "%post\n apt-get install -y ./x.deb\n"),
    ("apt-update", BASE + "%post\n sh /opt/prepare.sh\n apt-get install -y x\n"),
    ("apt-update", "Bootstrap: debootstrap\nOSVersion: jammy\nMirrorURL: x\n%post\n apt-get install -y x\n"),
    ("apt-clean", CENTOS + "%post\n yum install -y x && yum clean all\n"),
    ("apt-clean", CENTOS + "%post\n yum install -y x\n rm -rf /var/cache/yum\n"),
    ("apt-interactive", BASE + "%post\n export DEBIAN_FRONTEND=noninteractive\n apt-get install -y tzdata\n"),
    ("pip-cache", BASE + "%post\n export PIP_NO_CACHE_DIR=1\n pip install x\n"),
    ("rm-tmp", BASE + "%post\n rm -rf /tmp/build /var/tmp/x.tar; ls /tmp/*\n"),
    ("setup-host", BASE + "%setup\n # nothing\n"),
    ("secret", BASE + "%post\n export TOKEN=$TOKEN; PASSWORD= ; git clone https://$U:$P@example.org/x\n"),
    ("secret", BASE + "%files\n # ~/.ssh/id_rsa\n ca.crt /opt/\n"),
    ("env-in-post", BASE + "%environment\n export A=1\n%post\n echo ${A:-2}; for A in 1 2; do echo $A; done\n"),
    ("env-in-post", BASE + "%environment\n export A=1\n%post\n . /x\n echo $A\n"),
    ("env-in-post", BASE + "%environment\n export A=1\n%post\n export A=2\n echo $A '$A'\n"),
    ("env-not-exported", BASE + "%environment\n A=1\n export B=$A C\n C=2\n"),
    ("env-not-exported", BASE + "%environment\n set -a\n A=1\n"),
    ("env-default-host", BASE + "%environment\n export PATH=${PATH:-/bin}\n"),
    ("runscript-args", BASE + "%runscript\n exec echo moo\n"),
    ("runscript-args", BASE + '%runscript\n exec cowsay "$1"\n'),
    ("runscript-args", BASE + "%runscript\n # nothing\n"),
]


@pytest.mark.parametrize(("rule", "text"), LEFT_ALONE)
def test_it_is_left_alone(rule: str, text: str) -> None:
    assert found(rule, text) == []


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("From: a:1\nBootstrap: docker\n", "Bootstrap: docker\nFrom: a:1\n"),
        ('Bootstrap: "docker"\nFrom: a:1\n', "Bootstrap: docker\nFrom: a:1\n"),
        (BASE + "  %Post\n true\n", BASE + "%Post\n true\n"),
        (BASE + "%post: # x\n true\n", BASE + "%post # x\n true\n"),
        (BASE + "%post#x\n true\n", BASE + "%post #x\n true\n"),
        (BASE + "%files\n 'a b' /c # d\n", BASE + '%files\n "a b" /c # d\n'),
        (CENTOS + "%post\n yum install x\n", CENTOS + "%post\n yum install -y x\n"),
        ("\ufeff" + BASE, BASE),
    ],
)
def test_it_is_mended(text: str, mended: str) -> None:
    assert fix_all(text, lint).text == mended


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_becomes_utf_8(encoding: str) -> None:
    content = ("\ufeff" + BASE).encode(encoding)
    text = content.decode("utf-8", "surrogateescape")
    findings = lint(text)
    assert [item.rule for item in findings] == ["bom-encoding"]
    assert apply_fix(text, findings[0].fixes[0]) == BASE
    cut = (content + b"\xd8").decode("utf-8", "surrogateescape")
    assert [item.fixes for item in lint(cut)] == [()]


def test_nothing_is_mended_where_a_variable_stands() -> None:
    text = "Bootstrap: {{ A }}\nFrom: a:1\n%arguments\n A=Docker\n"
    assert [item.fixes for item in found("agent-unknown", text)] == [()]
    text = BASE + "%arguments\n V=install\n%post\n apt-get update\n apt-get {{ V }} x\n"
    assert [item.fixes for item in found("apt-yes", text)] == [()]


def test_very_large_recipes_are_looked_at_in_part() -> None:
    many = lint(BASE + "%post\n" + "    sudo make\n" * 4_000)
    assert sum(item.rule == "sudo" for item in many) == 200
    assert found("sudo", BASE + ("%post\n" + "true\n" * 12_000) * 5 + "%post\nsudo x\n") == []
    assert found("sudo", BASE + "%post\n" + "(" * 30_000 + "\nsudo x\n") == []
    stages = "".join(f"{BASE}Stage: s{number}\n" for number in range(60))
    assert len(found("from-latest", stages.replace(":22.04", ":latest"))) == 51
