"""Whom HTTPS connections of this process trust.

What is here: `certificates`.
What must not be here: anything that asks.
"""

from __future__ import annotations

import ssl
from functools import cache

import httpx


@cache
def certificates() -> ssl.SSLContext:
    """Read once: httpx would read them for each client, 40 ms, which is more than most answers take."""
    return httpx.create_ssl_context(trust_env=False)
