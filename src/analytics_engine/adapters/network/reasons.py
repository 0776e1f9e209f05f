from __future__ import annotations

import os
import ssl


def reason_of(error: OSError) -> str:
    """Return why a connection failed, in the system's words; they hold no address."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not valid: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return "it does not speak TLS there"
    return os.strerror(error.errno) if error.errno else "no connection"
