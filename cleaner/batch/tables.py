"""Parquet, by way of Arrow: everything that knows of pyarrow, which is imported when the first table comes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any

from cleaner.batch.formats import BadInput, extra
from cleaner.batch.parts import Part, Stream

ERROR = "error"
_OURS = {b"cleaner": b"errors"}  # the column that goes again where no row has failed
_GROUP = 64 << 20  # bytes of a row group that is written, about


def _arrow(name: str) -> Any:
    arrow = extra("pyarrow", name)
    arrow.set_cpu_count(1)  # what works at the same time are our own workers
    return arrow


def is_text(kind: Any) -> bool:
    """Whether a column of this type holds strings, plain or by number."""
    from pyarrow import types

    kind = kind.value_type if types.is_dictionary(kind) else kind
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def _column(values: list[str | None], kind: Any) -> Any:
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        return pa.array(values, kind.value_type).dictionary_encode().cast(kind)
    return pa.array(values, kind)


def read(stream: IO[bytes], name: str, size: int, begin: int) -> Iterator[tuple[int, int, int, bytes]]:
    """The rows of a Parquet file from row `begin` on, about `size` bytes at a time.

    (first row, row behind the last, rows of the file, an Arrow stream of them); the first has no rows and tells the
    columns. Raises `BadInput`.
    """
    pa = _arrow(name)
    pq = extra("pyarrow.parquet", name)
    try:
        file = pq.ParquetFile(stream, pre_buffer=False, buffer_size=1 << 16)
        schema, rows = file.schema_arrow, file.metadata.num_rows
        yield begin, begin, rows, dump(pa.Table.from_batches([], schema))
        at = 0
        for number in range(file.metadata.num_row_groups):
            group = file.metadata.row_group(number)
            if at + group.num_rows <= begin:
                at += group.num_rows
                continue
            count = max(1, min(size * group.num_rows // max(1, group.total_byte_size), 1 << 16))
            for batch in file.iter_batches(count, row_groups=[number], use_threads=False):
                end = at + len(batch)
                if end > begin:
                    yield at, end, rows, dump(pa.Table.from_batches([batch], schema))
                at = end
    except (pa.ArrowException, OSError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise BadInput(f"{name}: is no Parquet file, or a damaged one: {reason}") from None


def load(data: Any) -> Any:
    """The table in an Arrow stream."""
    import pyarrow as pa

    return pa.ipc.open_stream(data).read_all()


def dump(table: Any) -> bytes:
    """A table as an Arrow stream."""
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    data: bytes = sink.getvalue().to_pybytes()
    return data


def framed(data: bytes) -> bytes:
    """A piece of the file that `assemble` reads."""
    return len(data).to_bytes(8, "big") + data


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of some columns."""

    columns: Mapping[str, list[Any]]
    at: int

    def __contains__(self, name: str) -> bool:
        return name in self.columns

    def get(self, name: str) -> Any:
        return self.columns[name][self.at] if name in self.columns else None

    def source(self, name: str) -> Any:
        value = self.get(name)
        return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def changed_rows(
    table: Any, wanted: set[str], without: list[str], added: list[str],
    change: Callable[[int, TableRow], Mapping[str, Any]],
) -> Any:  # fmt: skip
    """A table with other values: `change` gives those of each row, by its number and its `wanted` columns.

    Columns that hold no strings stay as they are, and so do their types.
    """
    import pyarrow as pa

    schema = table.schema
    columns = {name: table.column(name).to_pylist() for name in wanted if name in schema.names}
    strings = {name for name in columns if is_text(schema.field(name).type)}
    new: dict[str, list[Any]] = {name: [None] * len(table) for name in added if name not in columns}
    touched: set[str] = set()
    for at in range(len(table)):
        for name, value in change(at, TableRow(columns, at)).items():
            if name in new:
                new[name][at] = value
            elif name in strings:
                columns[name][at] = value
                touched.add(name)
    for name in touched:
        kind = schema.field(name)
        table = table.set_column(schema.get_field_index(name), kind, _column(columns[name], kind.type))
    for name, values in new.items():
        mark = _OURS if name == ERROR else None
        table = table.append_column(pa.field(name, pa.string(), metadata=mark), pa.array(values, pa.string()))
    return table.drop_columns(without) if without else table


def assemble(pieces: IO[bytes], out: Part | Stream, failed: bool) -> None:
    """A Parquet file of `framed` pieces, in row groups of some size; with the column of errors where rows failed."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    writer = None
    group: list[Any] = []

    def flush() -> None:
        if writer is not None and group:
            whole = pa.concat_tables(group)
            writer.write_table(whole, row_group_size=max(1, len(whole)))
            group.clear()

    while size := pieces.read(8):
        table = load(pieces.read(int.from_bytes(size, "big")))
        at = table.schema.get_field_index(ERROR)
        if at >= 0 and table.schema.field(at).metadata == _OURS:
            column = table.column(at)
            table = table.remove_column(at)
            table = table.append_column(pa.field(ERROR, pa.string()), column) if failed else table
        if writer is None:
            writer = pq.ParquetWriter(pa.PythonFile(_Sink(out), mode="w"), table.schema, compression="zstd")
        if len(table):
            group.append(table)
        if sum(part.nbytes for part in group) >= _GROUP:
            flush()
    flush()
    if writer is not None:
        writer.close()


class _Sink:
    """A `Part` as pyarrow wants a file."""

    closed = False

    def __init__(self, part: Part | Stream) -> None:
        self.part = part

    def write(self, data: Any) -> int:
        self.part.write(data)
        return len(data)

    def tell(self) -> int:
        return self.part.size

    def flush(self) -> None:
        pass

    def close(self) -> None:
        self.closed = True
