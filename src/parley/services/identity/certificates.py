"""Certificates of identity providers, as an administrator hands them in."""

from __future__ import annotations

import re
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding

from parley.services.new_site import SiteError

_BLOCK: Final = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)
_RSA_BITS: Final = range(2048, 8193)


def certificates_in(text: str, name: str) -> list[str]:
    """The certificates of a PEM file, tidily written; anything beside them, such as a private key, is left out.

    Args:
        name: of the file, for the error.

    Raises:
        SiteError: there is none, or one that cannot be used.
    """
    blocks = _BLOCK.findall(text)
    if not blocks:
        raise SiteError(f"{name} holds no certificate in PEM form")
    return [_checked(block, name).public_bytes(Encoding.PEM).decode() for block in blocks]


def check_certificate(pem: str) -> None:
    """See that a text is a certificate that signatures can be checked with.

    Raises:
        SiteError: it is not.
    """
    _checked(pem, "saml.certificates")


def _checked(pem: str, name: str) -> x509.Certificate:
    try:
        certificate = x509.load_pem_x509_certificate(pem.encode())
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        raise SiteError(f"{name}: the certificate cannot be read") from None
    if isinstance(key, EllipticCurvePublicKey):
        return certificate
    if not isinstance(key, RSAPublicKey) or key.key_size not in _RSA_BITS:
        raise SiteError(f"{name}: the certificate's key must be RSA of 2048 to 8192 bits, or of an elliptic curve")
    return certificate
