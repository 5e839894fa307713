"""The web servers in front of Parley, with the settings of deploy/ on ports and with a certificate of their own."""

from __future__ import annotations

import ipaddress
import os
import re
import secrets
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DEPLOY: Final = Path(__file__).resolve().parents[2] / "deploy"
#: Where the front listens, and the servers behind it, on an address of their own.
PORT: Final = 8443
BEHIND: Final = (8081, 8082)
_PATIENCE: Final = 60


def own_address() -> str:
    """An address of this machine that nobody else uses: all of its ports are free, and stay so between two servers."""
    return ".".join(["127", *(str(secrets.randbelow(250) + 2) for _ in range(3))])


def make_certificate(folder: Path, address: str) -> tuple[Path, Path]:
    """A certificate for an address, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "front")])
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "front.pem", folder / "front.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate, private


def nginx_settings(folder: Path, address: str, upstreams: Sequence[int], certificate: tuple[Path, Path]) -> Path:
    """A file with deploy/nginx/parley.conf in it, with other addresses, names and files."""
    text = (DEPLOY / "nginx" / "parley.conf").read_text("utf-8")
    changes = {
        r"    server 127\.0\.0\.1:8081 (.*\n)    server .*\n": "".join(
            f"    server {address}:{each} \\1" for each in upstreams
        ),
        r"listen 443 ": f"listen {address}:{PORT} ",
        r"listen 80;": f"listen unix:{folder}/plain.sock;",
        r"    listen \[::\].*\n": "",
        r"server_name .*;": f"server_name {address};",
        r"/etc/ssl/parley/meet\.pem": str(certificate[0]),
        r"/etc/ssl/parley/meet\.key": str(certificate[1]),
    }
    for pattern, new in changes.items():
        text, count = re.subn(pattern, new, text)
        assert count, pattern
    (folder / "parley.conf").write_text(text)
    folders = "".join(
        f"    {each}_temp_path {folder}/{each};\n" for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    settings = folder / "nginx.conf"
    settings.write_text(
        f"daemon off;\npid {folder}/pid;\nerror_log {folder}/error.log;\n"
        f"{'user root;' if os.geteuid() == 0 else ''}\nworker_processes 1;\nevents {{ worker_connections 256; }}\n"
        f"http {{\n    access_log off;\n{folders}    include {folder}/parley.conf;\n}}\n"
    )
    return settings


def caddy_environment(
    folder: Path, address: str, upstreams: Sequence[int], certificate: tuple[Path, Path]
) -> dict[str, str]:
    """The variables of deploy/Caddyfile."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PARLEY_SITE_ADDRESS": f"https://{address}:{PORT}",
        "PARLEY_UPSTREAMS": " ".join(f"{address}:{each}" for each in upstreams),
        # No port 80, and no port of its own for being told something.
        "PARLEY_ACME": f"auto_https disable_redirects\nadmin off\ndefault_bind {address}",
        "PARLEY_TLS": f"tls {certificate[0]} {certificate[1]}",
    }


@contextmanager
def front(kind: str, folder: Path, address: str, upstreams: Sequence[int] = BEHIND) -> Iterator[ssl.SSLContext]:
    """nginx or Caddy in front of servers; gives what trusts its certificate."""
    certificate = make_certificate(folder, address)
    environment = dict(os.environ)
    if kind == "nginx":
        command = ["nginx", "-c", str(nginx_settings(folder, address, upstreams, certificate))]
    else:
        environment = caddy_environment(folder, address, upstreams, certificate)
        command = ["caddy", "run", "--adapter", "caddyfile", "--config", str(DEPLOY / "Caddyfile")]
    program = shutil.which(command[0])
    assert program is not None
    log = folder / "front.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [program, *command[1:]], stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment, cwd=folder
        )
    try:
        _wait(process, address, log)
        yield ssl.create_default_context(cafile=str(certificate[0]))
    finally:
        process.terminate()
        process.wait(_PATIENCE)


def _wait(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        assert process.poll() is None, log.read_text()
        try:
            socket.create_connection((address, PORT), 5).close()
        except OSError:
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.02)
        else:
            return
