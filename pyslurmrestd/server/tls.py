"""TLS on TCP: the certificate that clients are shown, and whose clients are let in."""

from __future__ import annotations

import os
import ssl
import stat
from typing import TYPE_CHECKING, Final

from ..log import Fatal
from ..watched import Watched

if TYPE_CHECKING:
    from ..settings import Settings

__all__ = ["Tls", "tls"]

Tls = Watched[ssl.SSLContext]
"""The context of new connections; it is made anew when its files change."""

_CIPHERS: Final = "ECDHE+AESGCM:ECDHE+CHACHA20:@SECLEVEL=2"
"""Of TLS 1.2: with forward secrecy, no shorter keys than RSA 2048. TLS 1.3 has no others."""

_OPEN_TO_OTHERS: Final = stat.S_IRWXO | stat.S_IWGRP


def tls(settings: Settings) -> Tls | None:
    """None where the settings name no certificate. Raises :class:`.Fatal` for one that is no use,
    and for settings that are weak."""
    certificate, authorities = settings.tls_cert, settings.tls_client_ca
    if certificate is None:
        for value, flag in ((settings.tls_key, "--tls-key"), (authorities, "--tls-client-ca")):
            if value is not None:
                raise Fatal(f"{flag} needs --tls-cert")
        return None
    key = settings.tls_key or certificate
    paths = list(dict.fromkeys(path for path in (certificate, key, authorities) if path))
    return Watched("TLS certificates", paths, lambda: _context(certificate, key, authorities))


def _context(certificate: str, key: str, authorities: str | None) -> ssl.SSLContext:
    """Raises OSError and ValueError."""
    if os.stat(key).st_mode & _OPEN_TO_OTHERS:
        raise ValueError(f"the private key {key} is open to others: its mode should be 0600")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    context.set_ciphers(_CIPHERS)
    context.set_alpn_protocols(["http/1.1"])
    try:
        # An empty password, or OpenSSL would ask for one at the terminal.
        context.load_cert_chain(certificate, key, password="")
        if authorities is not None:
            context.load_verify_locations(authorities)
            context.verify_mode = ssl.CERT_REQUIRED
    except ssl.SSLError as error:
        told = error.reason.replace("_", " ").lower() if error.reason else None
        raise ValueError(told or "no PEM, or a key with a password") from error
    return context
