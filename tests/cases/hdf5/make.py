"""Makes the small HDF5 files that the tests of src/format read, with anndata 0.12, mudata 0.3, h5py and hdf5plugin.

What the tests compare with is printed by numpy on the way, and written into the tests by hand:
    python3 make.py FOLDER_TO_WRITE_TO
"""

import sys
import warnings
from pathlib import Path

import anndata as ad
import h5py
import hdf5plugin
import mudata as md
import numpy as np
import pandas as pd
import scipy.sparse as sp

warnings.filterwarnings("ignore")
ad.settings.allow_write_nullable_strings = True
out = Path(sys.argv[1])
rng = np.random.default_rng(7)

# 6 samples x 4 features, two rows without a value.
counts = sp.csr_matrix(
    np.array(
        [[0, 1, 0, 2], [0, 0, 0, 0], [3, 0, 4, 5], [0, 0, 7, 0], [0, 0, 0, 0], [9, 8, 0, 0]],
        dtype=np.float32,
    )
)
cells = [f"c{i}" for i in range(6)]
genes = ["CD4", "TBCE", "CD8A", "TBCE"]


def small(x=None, **more):
    obs = pd.DataFrame(index=cells)
    obs["type"] = pd.Categorical(["T", "B", None, "T", "B", "B"], categories=["T", "B"])
    obs["depth"] = np.array([1.5, np.nan, 3.0, 4.0, 5.0, 6.0])
    obs["batch"] = np.array([1, 2, 1, 2, 1, 2], dtype=np.uint8)
    obs["good"] = np.array([True, False, True, True, False, True])
    obs["note"] = pd.array(["a", None, "ü", "", "d", "e"], dtype="string")
    obs["score"] = pd.array([5, None, 7, 8, 9, -1], dtype="Int64")
    obs["day"] = pd.Categorical([10, 20, 10, 20, 10, 20])
    var = pd.DataFrame({"gene_ids": ["E1", "E2", "E3", "E4"]}, index=genes)
    return ad.AnnData(counts.copy() if x is None else x, obs=obs, var=var, **more)


# Several matrices; X is scaled.
dense = counts.toarray()
scaled = ((dense - dense.mean(0)) / dense.std(0)).astype(np.float64)
a = small(scaled, layers={"counts": counts.tocsc().astype(np.int64), "log": np.log1p(dense).astype(np.float16)})
a.obsm["X_pca"] = rng.normal(size=(6, 3)).astype(np.float32)
a.raw = ad.AnnData(sp.csr_matrix(np.hstack([dense, dense[:, :1]])), obs=a.obs, var=pd.DataFrame(index=[*"abcde"]))
a.uns["type_colors"] = ["#ff0000", "#00ff00ff"]
a.uns["nothing"] = None
a.write_h5ad(out / "scaled.h5ad")
with h5py.File(out / "scaled.h5ad", "a") as f:
    del f["obs/batch"]
    f.create_dataset("obs/batch", data=np.array([1, 2, 1, 2, 1, 2], dtype=">u2"))
    f["obs"].attrs["column-order"] = [*f["obs"].attrs["column-order"], "complex", "short", "gone"]
    f.create_dataset("obs/complex", data=np.zeros(6, dtype=np.complex64))
    f.create_dataset("obs/short", data=np.zeros(5))
print("scaled", scaled.sum(), scaled[0, 1], "pca", a.obsm["X_pca"].sum(), a.obsm["X_pca"][5, 2], "log", np.log1p(dense).astype(np.float16).astype(np.float32).sum())

# No X: one layer is read, two are asked for.
b = ad.AnnData(obs=small().obs, var=small().var, layers={"counts": counts})
b.write_h5ad(out / "one_layer.h5ad")
b.layers["log"] = counts
b.write_h5ad(out / "two_layers.h5ad")
c = small(sp.csr_matrix((6, 4), dtype=np.float32), layers={"counts": counts})
c.write_h5ad(out / "empty_x.h5ad")

# Names that are repeated.
d = small()
d.obs_names = ["c0", "c1", "c0", "c3", "c4", "c0"]
d.write_h5ad(out / "repeated.h5ad")

# Two kinds of features in one matrix.
e = small()
e.var["feature_types"] = ["Gene Expression", "Gene Expression", "Antibody Capture", "Antibody Capture"]
e.write_h5ad(out / "kinds.h5ad")

# Filters; what they would not make smaller is stored as it is.
for name, filter in [("lzf", {"compression": "lzf"}), ("zstd", hdf5plugin.Zstd()), ("blosc", hdf5plugin.Blosc())]:
    with h5py.File(out / f"{name}.h5ad", "w") as f:
        many = {"obs": [f"c{i}" for i in range(300)], "var": genes}
        x = f.create_dataset("X", data=np.tile(dense, (50, 1)), chunks=(100, 3), shuffle=name != "blosc", **filter)
        assert x.id.get_chunk_info(0).filter_mask == 0
        for side, names in many.items():
            f.create_group(side).attrs["_index"] = "_index"
            f[side].create_dataset("_index", data=np.array(names, dtype="S"))

# Modalities.
m = md.MuData({"rna": small(), "adt": small()[[3, 2, 1, 0], [0, 2]].copy()})
m.obs["donor"] = pd.Categorical(["d1", "d2", "d1", "d2", "d1", "d2"])
m.write(out / "two.h5mu")
md.MuData({"rna": small(), "adt": small()}).write(out / "repeated.h5mu")
with h5py.File(out / "repeated.h5mu", "a") as f:
    names = f["mod/rna/obs/_index"]
    names[2] = "c0"

with h5py.File(out / "synonyms.h5mu", "w") as f:
    for name in ["adt", "prot"]:
        g = f.create_group(f"mod/{name}")
        g["X"] = dense
        for side, names in [("obs", cells), ("var", [*"abcd"])]:
            g.create_group(side).attrs["_index"] = "_index"
            g[side].create_dataset("_index", data=np.array(names, dtype="S"))

# Two genomes by Cell Ranger 2, each with cells of its own.
with h5py.File(out / "two_genomes.h5", "w") as f:
    for genome, keep in [("hg19", [0, 2, 5]), ("mm10", [2, 3])]:
        g, part = f.create_group(genome), counts[keep].astype(np.int32)
        g["barcodes"] = np.array([f"{cells[i]}-1" for i in keep], dtype="S")
        g["genes"] = np.array([f"{genome}_E{i}" for i in range(4)], dtype="S")
        g["gene_names"] = np.array([f"{genome}_{name}" for name in genes], dtype="S")
        g["data"], g["indices"], g["indptr"] = part.data, part.indices.astype(np.int64), part.indptr.astype(np.int64)
        g["shape"] = np.array([4, len(keep)], dtype=np.int32)

# Other kinds of file.
with h5py.File(out / "cells.loom", "w") as f:
    f["matrix"] = dense.T
    f.create_group("row_attrs"), f.create_group("col_attrs")


# Files that lie. Each would take far more memory than it has bytes.
def liar(name):
    f = h5py.File(out / name, "w")
    for side, names in [("obs", cells), ("var", genes)]:
        f.create_group(side).attrs["_index"] = "_index"
        f[side].create_dataset("_index", data=np.array(names, dtype="S"))
    f["X"] = dense
    return f


with liar("lie_many_samples.h5ad") as f:
    del f["obs/_index"]
    f["obs"].create_dataset("_index", shape=(4_000_000_000,), dtype="S8", chunks=(1000,))
with liar("lie_packed.h5ad") as f:
    del f["obs/_index"]
    names = f["obs"].create_dataset("_index", (30_000,), "S1000", chunks=(1000,), compression="gzip")
    names[:] = b""
with liar("lie_shared_text.h5ad") as f:
    texts = f["obs"].create_dataset("text", data=["x" * 40_000] + [""] * 1_299, dtype=h5py.string_dtype())
    f["obs"].create_dataset("_many", data=np.arange(1_300, dtype=np.int16))
    f["obs"].attrs["_index"] = "_many"
    place = texts.id.get_offset()
with open(out / "lie_shared_text.h5ad", "r+b") as f:
    f.seek(place)
    first = f.read(16)
    f.seek(place)
    f.write(first * 1_300)
with liar("lie_wide.h5ad") as f:
    del f["X"], f["var/_index"]
    f.create_dataset("X", shape=(6, 40_000_000), dtype="f4", chunks=(1, 1_000_000))
    f["var"].create_dataset("_index", shape=(40_000_000,), dtype="i1", chunks=(1_000_000,))
with liar("cycle.h5ad") as f:
    f.create_group("obsm")["self"] = f["/"]
    uns = f.create_group("uns")
    uns["self"] = uns
    uns["gone"] = h5py.SoftLink("/nowhere")
for name, part, at, value in [
    ("starts", "indptr", 3, 99),
    ("outside", "indices", 0, 4),
    ("negative", "indices", 0, -1),
    ("twice", "indices", 1, 1),
]:
    with liar(f"wrong_{name}.h5ad") as f:
        del f["X"]
        parts = {"data": counts.data, "indices": counts.indices.copy(), "indptr": counts.indptr.copy()}
        parts[part][at] = value
        x = f.create_group("X")
        x.attrs["encoding-type"], x.attrs["shape"] = "csr_matrix", [6, 4]
        for key, values in parts.items():
            x[key] = values


def packed(source, target):
    """A copy of a case in which the values are compressed, so that it is small."""
    libver = "latest" if target in ("three.h5mu", "raw.h5") else None
    with h5py.File(source) as old, h5py.File(
        out / target, "w", userblock_size=old.userblock_size, libver=libver
    ) as new:

        def copy(name, item):
            # What no reader needs is left out of the largest.
            unread = {"var", "varm", "varp", "varmap", "obsm", "obsp", "obsmap", "uns"}
            if target == "three.h5mu" and name.split("/")[0] in unread:
                return
            if isinstance(item, h5py.Group):
                made = new.require_group(name)
            elif item.shape and item.shape[0] > 300 and item.dtype.kind in "ifS":
                made = new.create_dataset(name, data=item[()], compression="gzip", shuffle=True)
            else:
                made = new.create_dataset(name, data=item[()], dtype=item.dtype)
            for key, value in item.attrs.items():
                if isinstance(value, h5py.Reference):
                    new_name = old[value].name
                    later.append((name, key, new_name))
                else:
                    made.attrs.create(key, value, dtype=item.attrs.get_id(key).dtype if not isinstance(value, str) else None)

        later = []
        old.visititems(copy)
        for key, value in old.attrs.items():
            new.attrs[key] = value
        for name, key, target_name in later:
            new[name].attrs[key] = new[target_name].ref


if len(sys.argv) > 2:
    cases = Path(sys.argv[2])
    for name in ["new", "strings", "old06", "old07", "intindex"]:
        packed(cases / f"b6-h5ad-encodings/{name}.h5ad", f"{name}.h5ad")
    packed(cases / "b4-h5mu/three.h5mu", "three.h5mu")
    for name in ["filtered_feature_bc_matrix", "legacy", "raw", "molecule_info"]:
        packed(cases / f"b1-10x-h5-many-types/{name}.h5", f"{name}.h5")
