"""Certificates: the practice registry's own, and those that this computer trusts besides the usual ones."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

REGISTRY_NAME = "registry.practice"
GITHUB_REGISTRY_NAME = "ghcr.practice"
STAND_INS_NAME = "stand-ins.practice"
_NAMES = ("localhost", REGISTRY_NAME, GITHUB_REGISTRY_NAME)
# Wide enough for a computer whose clock is off. Nobody but the practice cluster trusts the authority.
_FROM, _UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2049, 12, 31, tzinfo=UTC)
# Where administrators put certificates: Debian and its kin, Fedora and its kin, openSUSE.
_LOCAL_FOLDERS = (
    Path("/usr/local/share/ca-certificates"),
    Path("/etc/pki/ca-trust/source/anchors"),
    Path("/etc/pki/trust/anchors"),
)


class RegistryCertificate:
    """The registry's certificate and the authority that signed it, in a folder that is the owner's alone."""

    def __init__(self, folder: Path) -> None:
        self.authority = folder / "registry_authority.crt"
        self.certificate = folder / "registry.crt"
        self.key = folder / "registry.key"

    def is_sound(self) -> bool:
        """Tell whether the files can be read, belong together and name today's names."""
        try:
            authority = x509.load_pem_x509_certificate(self.authority.read_bytes())
            certificate = x509.load_pem_x509_certificate(self.certificate.read_bytes())
            key = serialization.load_pem_private_key(self.key.read_bytes(), password=None)
            certificate.verify_directly_issued_by(authority)
            names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except (OSError, ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
            return False
        same = _public_bytes(key.public_key()) == _public_bytes(certificate.public_key())
        return same and set(_NAMES) <= set(names.get_values_for_type(x509.DNSName))

    def make(self) -> None:
        """Make authority and certificate where they are missing or damaged. The authority's key is not kept."""
        if self.is_sound():
            return
        authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        issuer = _name("Cowshed practice cluster")
        # Without key identifiers and usages, today's checks refuse an authority (RFC 5280, 4.2.1).
        identifier = x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key())
        authority = (
            _builder(issuer, issuer, authority_key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .add_extension(identifier, critical=False)
            .sign(authority_key, hashes.SHA256())
        )
        names = [*map(x509.DNSName, _NAMES), x509.IPAddress(IPv4Address("127.0.0.1"))]
        certificate = (
            _builder(_name(REGISTRY_NAME), issuer, key.public_key())
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
            .sign(authority_key, hashes.SHA256())
        )
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        pem = serialization.Encoding.PEM
        for path, content in (
            (self.key, private),
            (self.certificate, certificate.public_bytes(pem)),
            (self.authority, authority.public_bytes(pem)),
        ):
            new = path.with_suffix(".new")
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(content)
            new.replace(path)


def local_certificates(folders: tuple[Path, ...] = _LOCAL_FOLDERS) -> bytes:
    """Return the certificates (PEM) that this computer's administrator added, such as a company proxy's authority.

    Without them nothing inside the cluster could fetch from PyPI on such a computer.
    """
    found = []
    for folder in folders:
        for path in sorted(folder.glob("**/*")):
            try:
                content = path.read_bytes() if path.suffix in {".crt", ".pem"} else b""
            except OSError:
                continue
            if b"-----BEGIN CERTIFICATE-----" in content:
                found.append(content.rstrip() + b"\n")
    return b"".join(found)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(_FROM)
        .not_valid_after(_UNTIL)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _public_bytes(key: object) -> bytes:
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return b""
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
