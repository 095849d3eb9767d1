"""What a body may become, and that what becomes more is refused before it does."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bento.errors import ApiError, ErrorCode
from bento.requests.bounds import CELL_BYTES, BodyRoom, Bounds, check_cells, check_csv, check_json, check_parquet
from bento.requests.parquet_footer import ParquetError, measure_parquet
from bento.requests.thrift_compact import ThriftError, read_struct
from credit_platform.portfolios import get_portfolio

BOUNDS = Bounds(rows=100, columns=4, unpacked=1024 * 1024)
MILLION = "x" * 1_000_000


def parquet(columns: dict[str, Any], **options: Any) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file, **options)
    return file.getvalue()


def shared_text(text: str, rows: int) -> pa.Array:
    """A column whose rows all point to one text."""
    return pa.array([text], pa.large_string()).dictionary_encode().take(pa.array([0] * rows))


def code_of(check: Callable[[], object]) -> tuple[ErrorCode, str]:
    with pytest.raises(ApiError) as refused:
        check()
    return refused.value.code, refused.value.message


def test_the_columns_are_those_of_the_contract_and_of_the_envelope() -> None:
    portfolio = get_portfolio("german_credit")
    columns = len(portfolio.table(portfolio.training_table).columns)
    assert Bounds.of(portfolio, 10, 20) == Bounds(rows=10, columns=columns + 2, unpacked=20)


class TestCsv:
    def test_what_is_in_bounds_passes(self) -> None:
        check_csv(b"a,b,c,d\n" + b"1,2,3,4\n" * 100, BOUNDS)

    @pytest.mark.parametrize("pack", [gzip.compress, *(partial(zlib.compress, level=level) for level in (1, 5, 6, 9))])
    def test_what_is_compressed_is_refused(self, pack: Callable[[bytes], bytes]) -> None:
        code, message = code_of(lambda: check_csv(pack(b"a\n" + b"1" * 10_000), BOUNDS))
        assert code == ErrorCode.INVALID_FILE
        assert "compressed" in message or "packed with gzip" in message

    @pytest.mark.parametrize(
        ("body", "code", "said"),
        [
            (b"a,b,c,d,e\n1,2,3,4,5\n", ErrorCode.INVALID_FILE, "5 columns; the contract of an application has 4"),
            (b"\n\r\n" + b"a," * 9 + b"\n", ErrorCode.INVALID_FILE, "10 columns"),
            (b"a," * 100_000, ErrorCode.INVALID_FILE, "columns"),
            (b'"a\nb,c,d,e,f,g",h\n1\n', ErrorCode.INVALID_FILE, "does not end on its line"),
            (b"a\n" + b"1\n" * 101, ErrorCode.BODY_TOO_LARGE, "at most 100 rows"),
            (b"a\n" + b"1" * (4 * CELL_BYTES + 100), ErrorCode.INVALID_FILE, f"at most {CELL_BYTES} bytes"),
            (b"a" * (4 * CELL_BYTES + 100), ErrorCode.INVALID_FILE, f"at most {CELL_BYTES} bytes"),
        ],
    )
    def test_what_is_not_is_refused(self, body: bytes, code: ErrorCode, said: str) -> None:
        found, message = code_of(lambda: check_csv(body, BOUNDS))
        assert found == code
        assert said in message


class TestParquet:
    @pytest.mark.parametrize(
        "options",
        [
            {},
            {"compression": "none"},
            {"compression": "zstd"},
            {"compression": "gzip"},
            {"data_page_version": "2.0"},
            {"row_group_size": 10},
            {"use_dictionary": False},
            {"use_dictionary": False, "column_encoding": {"b": "DELTA_BYTE_ARRAY"}},
            {"use_dictionary": False, "column_encoding": {"a": "DELTA_BINARY_PACKED"}},
        ],
    )
    def test_an_ordinary_file_passes_however_it_is_written(self, options: dict[str, Any]) -> None:
        columns = {"a": list(range(100)), "b": [f"text {n}" for n in range(100)], "c": [None, 1.5] * 50}
        body = parquet(columns, **options)
        found = measure_parquet(body, most_columns=4, most_bytes=BOUNDS.unpacked)
        assert (found.rows, found.columns) == (100, 3)
        assert 800 < found.bytes < 200_000
        read = pq.read_table(io.BytesIO(check_parquet(body, BOUNDS)))
        assert read.to_pydict() == columns

    @pytest.mark.parametrize(
        ("columns", "options", "code", "said"),
        [
            ({"a": [0] * 101}, {}, ErrorCode.BODY_TOO_LARGE, "at most 100 rows"),
            ({f"c{n}": [0] for n in range(5)}, {}, ErrorCode.INVALID_FILE, "5 columns"),
            ({f"c{n}": [0] for n in range(9000)}, {}, ErrorCode.INVALID_FILE, "footer is too long"),
            ({"a": [[1, 2]]}, {}, ErrorCode.INVALID_FILE, "nested or hold lists"),
            ({"a": [{"b": 1}]}, {}, ErrorCode.INVALID_FILE, "nested or hold lists"),
            ({"a": [MILLION] * 2}, {"use_dictionary": False}, ErrorCode.BODY_TOO_LARGE, "Unpacked"),
            (
                {"a": [MILLION[:20_000]] * 100},
                {"use_dictionary": False, "column_encoding": {"a": "DELTA_BYTE_ARRAY"}},
                ErrorCode.BODY_TOO_LARGE,
                "Unpacked",
            ),
        ],
        ids=["rows", "columns", "footer", "list", "struct", "plain", "delta"],
    )
    def test_what_is_or_becomes_too_much_is_refused(
        self, columns: dict[str, Any], options: dict[str, Any], code: ErrorCode, said: str
    ) -> None:
        body = parquet(columns, compression="zstd", **options)
        found, message = code_of(lambda: check_parquet(body, BOUNDS))
        assert found == code
        assert said in message

    def test_a_footer_that_lies_about_sizes_is_not_believed(self) -> None:
        """The page's own header counts, which is what a reader makes room for."""
        body = parquet({"a": [MILLION] * 3}, compression="zstd", use_dictionary=False)
        told = pq.read_metadata(io.BytesIO(body)).row_group(0).column(0).total_uncompressed_size
        lie = body.replace(zigzag(told), zigzag(told - told % 128 + 1))
        assert lie != body
        assert pq.read_metadata(io.BytesIO(lie)).row_group(0).column(0).total_uncompressed_size != told
        assert measure_parquet(lie, most_columns=4, most_bytes=1 << 30).bytes > 3_000_000

    @pytest.mark.parametrize("at", range(0, 400, 7))
    def test_damage_is_refused_or_harmless(self, at: int) -> None:
        """No other exception than that of the module, wherever a byte is wrong."""
        body = bytearray(parquet({"a": list(range(50)), "b": ["x"] * 50}))
        body[-(at % len(body)) - 1] ^= 0xFF
        with suppress(ParquetError):
            measure_parquet(bytes(body), most_columns=4, most_bytes=BOUNDS.unpacked)

    @pytest.mark.parametrize("piece", [b"\x19", b"\x1c", b"\x12\x00", b"\xff", b"\x15\x80", b"\x19\xf9\xff\xff\x0f"])
    def test_a_footer_of_noise_is_refused_or_empty(self, piece: bytes) -> None:
        noise = piece * (60_000 // len(piece))
        body = b"PAR1" + noise + len(noise).to_bytes(4, "little") + b"PAR1"
        with suppress(ParquetError):
            assert measure_parquet(body, most_columns=4, most_bytes=BOUNDS.unpacked).rows == 0

    def test_a_text_that_all_rows_share_stays_one_text(self) -> None:
        import polars as pl  # noqa: PLC0415  # as the service reads

        body = check_parquet(parquet({"a": shared_text(MILLION[:500_000], 100)}), BOUNDS)
        frame = pl.read_parquet(io.BytesIO(body))
        assert frame.schema == {"a": pl.String}
        code, message = code_of(lambda: check_cells(frame, BOUNDS))
        assert code == ErrorCode.INVALID_FILE
        assert f"at most {CELL_BYTES} bytes" in message

    def test_cells_that_are_together_too_large_are_refused_before_each_row_has_a_copy(self) -> None:
        import polars as pl  # noqa: PLC0415  # as above

        frame = pl.DataFrame({name: ["x" * 4000] * 100 for name in "abc"})
        assert code_of(lambda: check_cells(frame, BOUNDS))[0] == ErrorCode.BODY_TOO_LARGE
        check_cells(frame.head(10), BOUNDS)
        assert code_of(lambda: check_cells(pl.DataFrame({"a": [[1]]}), BOUNDS))[0] == ErrorCode.INVALID_FILE
        assert (
            code_of(lambda: check_cells(pl.DataFrame({"a": [b"x" * (CELL_BYTES + 1)]}), BOUNDS))[0]
            == ErrorCode.INVALID_FILE
        )


def zigzag(number: int) -> bytes:
    """A number as Thrift's compact protocol writes it."""
    value, out = number << 1, bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


class TestThrift:
    def test_fields_have_their_numbers_and_values(self) -> None:
        data = b"\x15" + zigzag(300) + b"\x11\x12\x18\x02hi\x19\x25" + zigzag(1) + zigzag(2) + b"\x1c\x15\x02\x00\x00"
        assert read_struct(data, 0, len(data)) == (
            {1: 300, 2: True, 3: False, 4: None, 5: [1, 2], 6: {1: 1}},
            len(data),
        )

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"\x15",
            b"\x15\x80",
            b"\x15" + b"\xff" * 12,
            b"\x18\x7f",
            b"\x19\xf5\xff\x7f",
            b"\x1b",
            b"\x1c" * 99,
            b"\x19\x19" * 99,
        ],
    )
    def test_what_is_none_is_refused(self, data: bytes) -> None:
        with pytest.raises(ThriftError):
            read_struct(data, 0, len(data))


class TestJson:
    @pytest.mark.parametrize("piece", [b"{}", b"[]", b"1", b'{"":1}', b'"a"', b"{", b"["])
    def test_many_small_things_are_refused_before_they_are_made(self, piece: bytes) -> None:
        body = b"[" + b",".join([piece] * 100_000) + b"]"
        assert code_of(lambda: check_json(body, BOUNDS))[0] == ErrorCode.BODY_TOO_LARGE

    def test_many_names_in_one_object_are_refused(self) -> None:
        bounds = Bounds(rows=100, columns=4, unpacked=1 << 26)
        body = b"[{" + b",".join(b'"%d":1' % n for n in range(60_000)) + b"}]"
        assert "at most 68 names" in code_of(lambda: check_json(body, bounds))[1]
        check_json(b"[" + b",".join([b'{"a":{"b":1,"c":2}}'] * 30_000) + b"]", bounds)


def test_bodies_together_take_what_they_may() -> None:
    room = BodyRoom(1_000_000)
    assert room.more(0, 60_000) == 0  # small ones are not counted
    held = room.more(0, 600_000)
    assert room.more(held, 500_000) == held == room.taken == 600_000
    assert code_of(lambda: room.more(0, 500_000))[0] == ErrorCode.BUSY
    room.give_back(held)
    assert room.more(0, 500_000) == 500_000
