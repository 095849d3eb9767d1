"""Reading structures of Thrift's compact protocol from bytes that nobody vouches for.

What is here: `read_struct`.
What to add here: nothing, unless the protocol gets a type.
What must not be here: what the fields mean (`parquet_footer.py`).

Every length is compared with what is left before anything is made of it; texts are skipped.
Source: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
"""

from __future__ import annotations

from typing import Any

Struct = dict[int, Any]
"""Number of a field to its value; that of a text is None."""
_TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12
_LONG = 15
"""In the place of a length that follows as a number of its own."""
_MORE, _BITS, _MOST_BITS = 0x80, 7, 63
_DEEPEST = 16


class ThriftError(ValueError):
    """The bytes are no structure."""


def read_struct(data: bytes, at: int, end: int) -> tuple[Struct, int]:
    """The structure that begins at `at`, and where it ends, `end` at most.

    Raises:
        ThriftError: there is none, or it is nested beyond reason.
    """
    reader = _Reader(data, at, end)
    return reader.struct(0), reader.at


class _Reader:
    def __init__(self, data: bytes, at: int, end: int) -> None:
        self._data, self.at, self._end = data, at, end

    def struct(self, depth: int) -> Struct:
        """Fields up to the stop."""
        if depth > _DEEPEST:
            raise ThriftError("a header is nested beyond reason")
        fields: Struct = {}
        field = 0
        while (byte := self._byte()) != 0:
            field = field + (byte >> 4) if byte >> 4 else self._signed()
            kind = byte & 0x0F
            fields[field] = kind == _TRUE if kind in (_TRUE, _FALSE) else self._value(kind, depth)
        return fields

    def _value(self, kind: int, depth: int) -> Any:
        if kind in (_TRUE, _FALSE, _BYTE):
            return self._byte()
        if kind in (_I16, _I32, _I64):
            return self._signed()
        if kind in (_DOUBLE, _BINARY):
            return self._skip(8 if kind == _DOUBLE else self._varint())
        if kind in (_LIST, _SET):
            return self._list(depth + 1)
        if kind == _STRUCT:
            return self.struct(depth + 1)
        raise ThriftError("a header holds what no header holds")

    def _list(self, depth: int) -> list[Any]:
        byte = self._byte()
        count = byte >> 4 if byte >> 4 != _LONG else self._varint()
        if count > self._end - self.at or depth > _DEEPEST:
            raise ThriftError("a list is longer than the file, or nested beyond reason")
        return [self._value(byte & 0x0F, depth) for _ in range(count)]

    def _byte(self) -> int:
        if self.at >= self._end:
            raise ThriftError("a header is cut off")
        self.at += 1
        return self._data[self.at - 1]

    def _varint(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & ~_MORE) << shift
            if byte < _MORE:
                return value
            shift += _BITS
            if shift > _MOST_BITS:
                raise ThriftError("a number is too long")

    def _signed(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)

    def _skip(self, length: int) -> None:
        if length > self._end - self.at:
            raise ThriftError("a header is cut off")
        self.at += length
