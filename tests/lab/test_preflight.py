"""What the examination says of three kinds of accounts: with a mapping, without one, and without namespaces."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import PurePosixPath

import pytest

from cowshed_lab.practice.cluster import PracticeCluster
from cowshed_lab.preflight import facts_of, look_at_target, password_of
from cowshed_lab.ssh import SshAddress, SshTarget
from cowshed_lab.target import CommandOutcome, Target
from cowshed_lessons.evidence import Fact

pytestmark = pytest.mark.practice


class WithoutNamespaces(SshTarget):
    """The same account where the kernel refuses every further namespace."""

    _REFUSE = 'echo 0 > /proc/sys/user/max_user_namespaces; exec "$@"'

    async def run(
        self,
        command: Sequence[str],
        *,
        folder: PurePosixPath | None = None,
        environment: Mapping[str, str] | None = None,
        stdin: bytes = b"",
    ) -> CommandOutcome:
        inside = ("unshare", "--user", "--map-current-user", "--keep-caps", "sh", "-c", self._REFUSE, "sh", *command)
        return await super().run(inside, folder=folder, environment=environment, stdin=stdin)


def asked[T](
    cluster: PracticeCluster, user: str, question: Callable[[Target], Awaitable[T]], kind: type[SshTarget] = SshTarget
) -> T:
    connection = cluster.connection(user)
    host_key = " ".join(connection.known_hosts.read_text(encoding="utf-8").split()[1:3])
    address = SshAddress(connection.host, connection.port, connection.user, connection.key, host_key)

    async def ask() -> T:
        target = kind("elsewhere", "Elsewhere", address)
        await target.connect()
        try:
            return await question(target)
        finally:
            await target.close()

    return asyncio.run(ask())


def build_mode(cluster: PracticeCluster, user: str, kind: type[SshTarget] = SshTarget) -> Fact:
    return asked(cluster, user, look_at_target, kind).facts["build-mode"]


def test_an_account_with_a_mapping_builds_everything(practice: PracticeCluster) -> None:
    found = build_mode(practice, "learner")
    assert found.state == "ok"
    assert "mapped user IDs" in found.value


def test_an_account_without_a_mapping_is_told_what_to_mind(practice: PracticeCluster) -> None:
    found = build_mode(practice, "visitor")
    assert found.state == "warning"
    assert "root-mapped namespace" in found.value
    assert "/etc/subuid" in found.detail


def test_where_namespaces_are_refused_nothing_can_be_built(practice: PracticeCluster) -> None:
    found = build_mode(practice, "learner", WithoutNamespaces)
    assert found.state == "problem"
    assert "You cannot build here" in found.value
    assert "administrators" in found.detail


def test_the_account_and_its_place_are_facts_and_no_password_is_given_elsewhere(practice: PracticeCluster) -> None:
    facts = asked(practice, "visitor", facts_of)
    assert facts["account"] == "visitor"
    assert facts["scratch"] == "/scratch/visitor"
    assert facts["registry"] == "docker.io"
    assert asked(practice, "visitor", password_of) is None
