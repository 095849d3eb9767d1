"""Asking a name at an address of one's own choice, as curl's `--connect-to` does: before there is any DNS for it.

What is here: `ConnectTo`, which connections to a service go by.
What must not be here: what is asked (`service_client.py`).
"""

from __future__ import annotations

import httpx

from credit_platform.errors import ServiceError
from credit_platform.serving.certificates import certificates

MOST_PORTS = 65535


class ConnectTo(httpx.BaseTransport):
    """Every connection goes to one address; name and certificate that are expected stay those of the URL."""

    def __init__(self, address: str) -> None:
        """Go to `address`.

        Args:
            address: host and port, as `127.0.0.1:8443`.

        Raises:
            ServiceError: it is none.
        """
        self.host, self.port = host_and_port(address)
        self._inner = httpx.HTTPTransport(verify=certificates(), trust_env=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send it there; the header Host is set already."""
        request.extensions = {**request.extensions, "sni_hostname": request.url.host}
        request.url = request.url.copy_with(host=self.host, port=self.port)
        return self._inner.handle_request(request)

    def close(self) -> None:
        """Close its connections."""
        self._inner.close()


def host_and_port(address: str) -> tuple[str, int]:
    """Both of an address.

    Raises:
        ServiceError: it is none.
    """
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) <= MOST_PORTS:
        raise ServiceError(f"{address!r} is no address to connect to.", "Write host and port, as 127.0.0.1:8443.")
    return host.strip("[]"), int(port)
