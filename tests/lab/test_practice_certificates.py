"""The practice registry's certificate: made once, renewed where it is damaged, taken by today's checks."""

from __future__ import annotations

import socket
import ssl
import threading
from pathlib import Path

import pytest

from cowshed_lab.practice.certificates import RegistryCertificate, local_certificates


@pytest.fixture
def certificate(tmp_path: Path) -> RegistryCertificate:
    made = RegistryCertificate(tmp_path)
    made.make()
    return made


def test_it_is_made_once_and_is_the_owners_alone(certificate: RegistryCertificate) -> None:
    before = certificate.certificate.read_bytes()
    certificate.make()
    assert certificate.certificate.read_bytes() == before
    assert certificate.key.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["authority", "certificate", "key"])
@pytest.mark.parametrize("content", [None, b"", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_what_is_damaged_is_made_anew(certificate: RegistryCertificate, name: str, content: bytes | None) -> None:
    path: Path = getattr(certificate, name)
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    assert not certificate.is_sound()
    certificate.make()
    assert certificate.is_sound()


def test_parts_of_two_makes_do_not_count_as_one(certificate: RegistryCertificate, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = RegistryCertificate(tmp_path / "other")
    other.make()
    certificate.key.write_bytes(other.key.read_bytes())
    assert not certificate.is_sound()


@pytest.mark.parametrize("name", ["registry.practice", "ghcr.practice", "127.0.0.1", "localhost"])
def test_a_client_with_every_check_on_takes_it(certificate: RegistryCertificate, name: str) -> None:
    _shake_hands(certificate, name)


def test_a_client_takes_it_for_no_other_name(certificate: RegistryCertificate) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        _shake_hands(certificate, "docker.io")


def _shake_hands(certificate: RegistryCertificate, name: str) -> None:
    here, there = socket.socketpair()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate.certificate, certificate.key)

    def serve() -> None:
        try:
            server.wrap_socket(there, server_side=True).close()
        except (ssl.SSLError, OSError):  # the client has told why
            there.close()

    thread = threading.Thread(target=serve)
    thread.start()
    client = ssl.create_default_context(cafile=str(certificate.authority))
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    try:
        client.wrap_socket(here, server_hostname=name).close()
    finally:
        here.close()
        thread.join()


def test_certificates_of_this_computers_administrator_are_found(tmp_path: Path) -> None:
    (tmp_path / "proxy.crt").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----")
    (tmp_path / "notes.txt").write_text("-----BEGIN CERTIFICATE-----")
    (tmp_path / "empty.pem").write_text("")
    found = local_certificates((tmp_path, tmp_path / "missing"))
    assert found == b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
