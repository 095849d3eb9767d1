"""Long texts in a commit's metadata, compressed so that a log of many versions stays quick to read.

What is here: `pack` and `unpack`.
What must not be here: what the texts mean.
"""

from __future__ import annotations

import base64
import zlib

_PLAIN_LIMIT = 32_768
_COMPRESSED = "zlib:"


def pack(text: str) -> str:
    """The text itself, or its compressed form when it is long."""
    if len(text) <= _PLAIN_LIMIT:
        return text
    return _COMPRESSED + base64.b64encode(zlib.compress(text.encode())).decode()


def unpack(text: str) -> str:
    """What `pack` was given."""
    if not text.startswith(_COMPRESSED):
        return text
    return zlib.decompress(base64.b64decode(text[len(_COMPRESSED) :])).decode()
