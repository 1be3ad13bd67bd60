"""The certificate with which the viewer is encrypted."""

import ssl
from pathlib import Path

from leukoscope.errors import InputError

MAKE = "openssl req -x509 -newkey rsa:2048 -nodes -days 365 -subj /CN=$(hostname) -keyout key.pem -out cert.pem"


def tls_context(cert: Path, key: Path) -> ssl.SSLContext:
    """TLS 1.2 and later with this certificate. InputError in one line where the two are not a certificate and its key."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    for path in (cert, key):
        _check_readable(path)
    try:
        # An empty password: otherwise OpenSSL would ask for one on the terminal.
        context.load_cert_chain(cert, key, password="")
    except ssl.SSLError as error:
        raise InputError(
            f"{cert} and {key}: {_reason(error)}",
            wanted="a certificate and its key without a password, both PEM",
            next_step=f"a new pair: {MAKE}",
        ) from None
    return context


def _check_readable(path: Path) -> None:
    try:
        path.open("rb").close()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from None


def _reason(error: ssl.SSLError) -> str:
    reason = (error.reason or "").replace("_", " ").lower()
    return reason or "not PEM"
