"""A certificate for this machine's loopback address, good for a day, trusted by whoever is told to."""

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

NAMES = "subjectAltName=DNS:localhost,IP:127.0.0.1"
# Python 3.13 asks this of whoever signs, and here the certificate signs itself.
USAGE = "keyUsage=critical,digitalSignature,keyEncipherment,keyCertSign"


@dataclass(frozen=True, slots=True)
class Certificate:
    """Two PEM files: the certificate, which is its own authority, and its RSA key (PKCS #8)."""

    file: Path
    key: Path

    def server_context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.file, self.key)
        return context


def self_signed(folder: Path) -> Certificate:
    """Make one with openssl, which comes with Debian's Dovecot and ca-certificates."""
    made = Certificate(folder / "certificate.pem", folder / "key.pem")
    names = ["-subj", "/CN=localhost", "-addext", NAMES, "-addext", USAGE]
    files = ["-keyout", str(made.key), "-out", str(made.file)]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", *names, *files]
    subprocess.run(command, check=True, capture_output=True, timeout=30)
    return made
