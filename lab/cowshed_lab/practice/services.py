"""Services of the practice cluster: the configuration that each start writes for sshd, Slurm, registry, Apptainer."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from pathlib import Path

from cowshed_lab.practice.certificates import GITHUB_REGISTRY_NAME, REGISTRY_NAME, STAND_INS_NAME
from cowshed_lab.practice.namespace import PROXY_VARIABLES, Mode

REGISTRIES_CONF = "containers/registries.conf"
_NAMES = (REGISTRY_NAME, GITHUB_REGISTRY_NAME, STAND_INS_NAME)


@dataclass(frozen=True, slots=True)
class Ports:
    """Loopback ports of the services."""

    ssh: int
    registry: int  # encrypted, asks for a login
    mirror: int  # the same images unencrypted, to be read by anybody, and never written
    slurmctld: int
    slurmd: int


@dataclass(frozen=True, slots=True)
class Settings:
    """All that the configuration depends on."""

    mode: Mode
    ports: Ports
    host_key: bytes
    authorized_key: bytes
    registry_password: str
    registry_certificate: bytes
    registry_key: bytes
    trusted: bytes  # certificates that the cluster trusts besides Debian's
    docker_hub_answers: bool
    fuse: bool
    resolv_conf: str  # this computer's
    hosts: str  # this computer's
    processors: int
    memory: int  # megabytes


def processors() -> int:
    """Return this computer's number of processors as slurmd counts them."""
    return os.cpu_count() or 1


def memory() -> int:
    """Return this computer's memory in megabytes, a twentieth kept back for the computer itself."""
    return int(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") * 0.95) // 1_048_576


def slurm_conf(settings: Settings) -> str:
    """Return slurm.conf. Sources: slurm.conf(5) of Slurm 26.05."""
    ports, count, megabytes = settings.ports, settings.processors, settings.memory
    return f"""\
ClusterName=practice
SlurmctldHost=practice(127.0.0.1)
SlurmctldPort={ports.slurmctld}
SlurmdPort={ports.slurmd}
# Every service and every srun binds to the address of "practice", the loopback interface.
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
SlurmUser=root
AuthType=auth/munge
CredType=cred/munge
StateSaveLocation=/var/spool/slurmctld
SlurmdSpoolDir=/var/spool/slurmd
SlurmctldPidFile=/run/slurmctld.pid
SlurmdPidFile=/run/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
PropagateResourceLimits=NONE
ReturnToService=2
SlurmdParameters=config_overrides
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
DefMemPerCPU={max(1, megabytes // count)}
NodeName=practice NodeAddr=127.0.0.1 CPUs={count} RealMemory={megabytes} State=UNKNOWN
PartitionName=standard Nodes=practice Default=YES MaxTime=INFINITE State=UP
PartitionName=largemem Nodes=practice MaxTime=INFINITE State=UP
"""


def sshd_config(settings: Settings, variables: dict[str, str]) -> str:
    """Return sshd_config: key login for the two accounts, on loopback only."""
    pairs = " ".join(
        '"' + f"{name}={value}".replace("\\", "\\\\").replace('"', '\\"') + '"' for name, value in variables.items()
    )
    return f"""\
ListenAddress 127.0.0.1:{settings.ports.ssh}
HostKey /etc/practice/host_key
PidFile /run/sshd.pid
AllowUsers learner visitor
PermitRootLogin no
AuthenticationMethods publickey
PasswordAuthentication no
KbdInteractiveAuthentication no
AuthorizedKeysFile /etc/practice/authorized_keys
UsePAM no
UseDNS no
PrintMotd no
X11Forwarding no
# A lesson opens many sessions over one connection.
MaxSessions 64
MaxStartups 64
AcceptEnv LANG LC_* TERM_PROGRAM COLORTERM COWSHED_*
SetEnv {pairs}
Subsystem sftp internal-sftp
"""


def registry_yml(port: int, *, read_only: bool) -> str:
    """Return the registry's configuration: encrypted and asking for a login, or read-only for everybody."""
    encryption, access = "", "  maintenance:\n    readonly:\n      enabled: true\n"
    if not read_only:
        encryption = "  tls:\n    certificate: /etc/practice/registry.crt\n    key: /etc/practice/registry.key\n"
        access = "auth:\n  htpasswd:\n    realm: practice registry\n    path: /etc/practice/htpasswd\n"
    return f"""\
version: 0.1
log:
  level: error
  accesslog:
    disabled: true
http:
  addr: 127.0.0.1:{port}
  relativeurls: true
  secret: practice
{encryption}storage:
  filesystem:
    rootdirectory: /var/lib/docker-registry
{access}"""


def registries_conf(mirror: int, *, docker_hub_answers: bool) -> str:
    """Return containers-registries.conf(5): the real registries, or where those are out of reach, the stand-ins.

    Args:
        mirror: Port of the registry with the stand-ins.
        docker_hub_answers: Whether Docker Hub does; GitHub's registry is taken to be in reach wherever that is.
    """
    hosts = ("127.0.0.1", "localhost", STAND_INS_NAME)
    local = "\n".join(f'[[registry]]\nlocation = "{host}:{mirror}"\ninsecure = true\n' for host in hosts)
    if docker_hub_answers:
        return local
    # A mirror, not another place for the prefix: Apptainer 1.4 asks docker.io itself with that.
    return f"""\
{local}
# Docker Hub did not answer when the cluster started: stand-ins made of Debian packages answer for it.
[[registry]]
location = "docker.io"
[[registry.mirror]]
location = "{STAND_INS_NAME}:{mirror}"
insecure = true
[[registry]]
location = "ghcr.io"
[[registry.mirror]]
location = "{STAND_INS_NAME}:{mirror}/ghcr.io"
insecure = true
"""


def learner_environment(settings: Settings) -> dict[str, str]:
    """Return the variables of every session of the learner."""
    variables = {"LANG": "C.UTF-8", "PRACTICE_REGISTRY": f"{REGISTRY_NAME}:{settings.ports.registry}"}
    if not settings.fuse:
        variables["APPTAINER_UNSQUASH"] = "1"
    variables.update({name: os.environ[name] for name in PROXY_VARIABLES if os.environ.get(name)})
    return variables


def id_range(mode: Mode) -> str:
    """Return the learner's line of /etc/subuid and /etc/subgid inside."""
    # With root: far from what this computer's own users are usually given, which is 100000 and on.
    # Without root all that exists inside are the IDs 0 to 65535: the learner's containers get 2000 and on.
    return "learner:1000000000:65536\n" if mode is Mode.ROOT else "learner:2000:65536\n"


def write_configuration(folder: Path, settings: Settings) -> None:
    """Write everything that the boot script copies into the root folder's /etc."""
    variables = learner_environment(settings)
    proxies = {name: value for name, value in variables.items() if name in PROXY_VARIABLES}
    texts = {
        "hostname": "practice\n",
        "hosts": f"127.0.0.1 localhost practice {' '.join(_NAMES)}\n{settings.hosts}",
        "resolv.conf": settings.resolv_conf,
        "subuid": id_range(settings.mode),
        "subgid": id_range(settings.mode),
        "slurm/slurm.conf": slurm_conf(settings),
        "slurm/cgroup.conf": "CgroupPlugin=disabled\n",
        REGISTRIES_CONF: registries_conf(settings.ports.mirror, docker_hub_answers=settings.docker_hub_answers),
        "practice/registry.yml": registry_yml(settings.ports.registry, read_only=False),
        "practice/mirror.yml": registry_yml(settings.ports.mirror, read_only=True),
        "practice/authorized_keys": settings.authorized_key.decode(),
        "practice/registry.crt": settings.registry_certificate.decode(),
        "practice/trusted.crt": settings.trusted.decode(),
        "practice/environment": "".join(f"{name}={shlex.quote(value)}\n" for name, value in proxies.items()),
    }
    secret = {
        "practice/sshd_config": sshd_config(settings, variables),
        "practice/host_key": settings.host_key.decode(),
        "practice/registry.key": settings.registry_key.decode(),
        "practice/registry-password": settings.registry_password + "\n",
    }
    for group, permissions in ((texts, 0o644), (secret, 0o600)):
        for name, text in group.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.parent.chmod(0o755)  # the services' users come by here, whatever the person's umask is
            path.write_text(text, encoding="utf-8")
            path.chmod(permissions)
