"""Writes the files of this folder; see README.md. Run it in an empty folder."""
import datetime as dt
import decimal
import numpy as np, pandas as pd, pyarrow as pa, pyarrow.parquet as pq, polars as pl, duckdb

rng = np.random.default_rng(7)
n = 40
ids = [f"cell-{i}" for i in range(n)]
# Bits of all kinds: tiny, huge, whole, negative.
floats = np.concatenate([
    np.array([0.0, -0.0, 1.0, -1.5, 0.1, 1e-45, 3.4028235e38, 1.1754944e-38, 16777216.0, np.nan], dtype="f4"),
    rng.normal(size=n - 10).astype("f4")]).astype("f4")
doubles = np.concatenate([np.array([0.1, 1 / 3, 5e-324, 1.7976931348623157e308, np.nan]), rng.normal(size=n - 5)])
whole = np.array([0, 1, -1, 2**53 + 1, -(2**63), 2**63 - 1] + list(range(n - 6)), dtype="i8")
kinds = ["B cell", "T cell", 'odd, "one"', "NK"]
df = pd.DataFrame({
    "CD4": floats, "gene,2": doubles, "whole": whole,
    "type": pd.Categorical([kinds[i % 4] for i in range(n)]),
}, index=ids)
for codec in ["none", "snappy", "gzip", "zstd", "lz4", "brotli"]:
    for version in ["1.0", "2.0"]:
        pq.write_table(pa.Table.from_pandas(df), f"pyarrow-{codec}-v{version[0]}.parquet", compression=codec,
                       data_page_version=version, row_group_size=15, data_page_size=64, use_dictionary=["type"])
df.to_parquet("pandas-unnamed-index.parquet")
named = df.copy(); named.index.name = "sample"
named.to_parquet("pandas-named-index.parquet", compression="gzip")
df.reset_index(drop=True).to_parquet("pandas-range-index.parquet")
df.iloc[:0].to_parquet("pandas-no-rows.parquet")
df[["CD4"]].reset_index(drop=True).to_parquet("pandas-one-column.parquet")
two = df.copy(); two.index = pd.MultiIndex.from_arrays([ids, list(range(n))], names=["cell", None])
two.to_parquet("pandas-two-levels.parquet")

p = pl.DataFrame({"id": ids, "CD4": floats, "count": pl.Series([None if i % 3 == 0 else i for i in range(n)], dtype=pl.UInt32),
                  "type": pl.Series([kinds[i % 4] for i in range(n)], dtype=pl.Categorical), "flag": [i % 2 == 0 if i % 5 else None for i in range(n)]})
p.write_parquet("polars.parquet")
p.write_parquet("polars-groups-lz4.parquet", compression="lz4", row_group_size=16, data_page_size=64)
duckdb.sql("select * from p").write_parquet("duckdb.parquet")
duckdb.sql("copy (select * from p) to 'duckdb-v2-zstd.parquet' (format parquet, parquet_version v2, codec zstd)")

D = decimal.Decimal
t = pa.table({
    "bool": pa.array([True, None, False, True]),
    "i8": pa.array([-128, 127, None, 0], pa.int8()), "u8": pa.array([255, 0, None, 1], pa.uint8()),
    "i16": pa.array([-32768, 32767, None, 0], pa.int16()), "u16": pa.array([65535, 0, None, 1], pa.uint16()),
    "i32": pa.array([-2**31, 2**31 - 1, None, 0], pa.int32()), "u32": pa.array([2**32 - 1, 0, None, 1], pa.uint32()),
    "i64": pa.array([-2**63, 2**63 - 1, None, 2**53 + 1], pa.int64()), "u64": pa.array([2**64 - 1, 0, None, 1], pa.uint64()),
    "f16": pa.array([np.float16(0.1), np.float16(65504), None, np.float16(6e-8)], pa.float16()),
    "f32": pa.array([0.1, float("inf"), None, float("nan")], pa.float32()), "f64": pa.array([0.1, float("-inf"), None, 1e300], pa.float64()),
    "d5": pa.array([D("1.23"), D("-0.01"), None, D("0")], pa.decimal128(5, 2)),
    "d38": pa.array([D("12345678901234567890123456789.123456789"), D("-1"), None, D("0.000000001")], pa.decimal128(38, 9)),
    "d76": pa.array([D("-7.5"), D("99999999999999999999999999999999999.5"), None, D("0")], pa.decimal256(76, 1)),
    "date": pa.array([dt.date(1970, 1, 1), dt.date(2024, 2, 29), None, dt.date(1, 1, 1)], pa.date32()),
    "ms": pa.array([0, 1709164800123, None, -1], pa.timestamp("ms")),
    "us": pa.array([0, 1709164800123456, None, -1], pa.timestamp("us", tz="UTC")),
    "ns": pa.array([0, 1709164800123456789, None, -1], pa.timestamp("ns")),
    "time": pa.array([0, 86399999999, None, 3600000000], pa.time64("us")),
    "text": pa.array(["", ' a "b"', None, "zwei\nZeilen; ä"]), "nothing": pa.nulls(4),
})
pq.write_table(t, "pyarrow-kinds.parquet")
pq.write_table(t.select(["d5", "date", "ms", "text"]), "pyarrow-kinds-old.parquet", version="1.0", store_decimal_as_integer=True)
pq.write_table(t.select(["ns", "f32"]), "pyarrow-int96.parquet", use_deprecated_int96_timestamps=True)
rows = range(300)
big = pa.table({
    "i": pa.array([i * 7919 % 2001 - 1000 for i in rows], pa.int64()),
    "j": pa.array([(i * 2654435761) % 2**32 - 2**31 for i in rows], pa.int32()),
    "s": [f"gene-{i:05}-{'x' * (i % 7)}" for i in rows], "t": [f"prefix-{i // 10}" for i in rows],
    "f": pa.array([i / 8 - 10 for i in rows], pa.float32()),
    "b": pa.array([i % 3 > 0 if i % 4 else None for i in rows])})
pq.write_table(big, "pyarrow-encodings.parquet", use_dictionary=False, data_page_version="2.0", compression="zstd", column_encoding={
    "i": "DELTA_BINARY_PACKED", "j": "DELTA_BINARY_PACKED", "s": "DELTA_LENGTH_BYTE_ARRAY", "t": "DELTA_BYTE_ARRAY", "f": "BYTE_STREAM_SPLIT", "b": "RLE"})
nested = pa.table({"id": ["a"], "counts": [[1, 2]]})
pq.write_table(nested, "pyarrow-list.parquet")
pq.write_table(pa.table({"id": ["a"], "where": [{"x": 1}]}), "pyarrow-struct.parquet")
pq.write_table(pa.table([pa.array([1]), pa.array([2])], names=["a", "a"]), "pyarrow-same-names.parquet")
import pyarrow.parquet.encryption as pe
class Kms(pe.KmsClient):
    def __init__(self, c): super().__init__()
    def wrap_key(self, k, m): import base64; return base64.b64encode(k).decode()
    def unwrap_key(self, k, m): import base64; return base64.b64decode(k)
for plain in [False, True]:
    f = pe.CryptoFactory(lambda c: Kms(c))
    props = f.file_encryption_properties(pe.KmsConnectionConfig(), pe.EncryptionConfiguration(footer_key="k", column_keys={"c": ["id"]}, plaintext_footer=plain))
    with pq.ParquetWriter(f"encrypted-{'columns' if plain else 'whole'}.parquet", pa.schema([("id", pa.int64())]), encryption_properties=props) as w:
        w.write_table(pa.table({"id": [1, 2]}))
