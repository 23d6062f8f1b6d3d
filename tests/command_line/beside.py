"""Compares what hdumec makes of raw counts with what scanpy and muon make of them: beside.py HDUMEC RAW OUT"""
import subprocess
import sys
import warnings

warnings.simplefilter("ignore")
try:
    import anndata
    import mudata
    import muon
    import numpy as np
    import scanpy
    import scipy.sparse
    import skmisc  # noqa: F401
except ImportError as error:
    print("skipped:", error)
    sys.exit()
hdumec, raw, out = sys.argv[1:]
FEATURES, COMPONENTS = 2000, 50


def prepared(steps, x):
    """What hdumec makes of every modality."""
    counts = scanpy.read_10x_mtx(raw, gex_only=False, make_unique=False)
    kinds = sorted(set(counts.var["feature_types"]))
    ending = "h5ad" if len(kinds) == 1 else "h5mu"
    file = f"{out}.{ending}"
    told = [a for step in steps for a in ("--steps", step)]
    subprocess.run([hdumec, "prepare", raw, "--force", "--out", file, "--x", x, *told], check=True, capture_output=True)
    if ending == "h5mu":
        return dict(mudata.read_h5mu(file).mod)
    return {NAMES[kinds[0]]: anndata.read_h5ad(file)}


def dense(x):
    return np.asarray(x.todense() if scipy.sparse.issparse(x) else x, dtype=np.float64)


def far(a, b):
    return float(np.max(np.abs(a - b) / np.maximum(np.abs(b), 1)))


NAMES = {"Gene Expression": "rna", "Antibody Capture": "protein", "Peaks": "atac"}
counts = scanpy.read_10x_mtx(raw, gex_only=False, make_unique=False)
parts = {NAMES[kind]: counts[:, (counts.var["feature_types"] == kind).values].copy() for kind in set(counts.var["feature_types"])}
said = []
for name, part in parts.items():
    part.var_names_make_unique()
    # Features that say nothing are left out before anything is counted.
    varies = dense(part.X.max(axis=0)) > dense(part.X.min(axis=0))
    part = part[:, varies.ravel()].copy()
    if name == "rna":
        found = prepared(["rna=normalise,log1p"], "prepared")[name]
        logs = part.copy()
        scanpy.pp.normalize_total(logs, target_sum=1e4)
        scanpy.pp.log1p(logs)
        difference = far(dense(found[:, part.var_names].X), dense(logs.X))
        assert difference < 1e-5, difference
        said.append(f"log1p {difference:.0e}")
        few = min(FEATURES, max(100, part.n_vars // 4))
        theirs = scanpy.pp.highly_variable_genes(part, flavor="seurat_v3", n_top_genes=few, inplace=False)
        theirs = set(part.var_names[theirs["highly_variable"].values])
        found = prepared([f"rna=normalise,log1p,select_variable:{few}:seurat_v3,pca:{COMPONENTS}"], "prepared")[name]
        share = len(theirs & set(found.var_names)) / few
        assert share >= 0.95, share
        said.append(f"Seurat v3 {share:.3f} of {few}")
        chosen = logs[:, found.var_names].copy()
        scanpy.pp.pca(chosen, n_comps=20, svd_solver="arpack")
        pairs = zip(chosen.obsm["X_pca"].T, found.obsm["X_pca"].T)
        least = min(abs(np.corrcoef(a, b)[0, 1]) for a, b in pairs)
        assert least >= 0.999, least
        said.append(f"PCA {least:.6f}")
    if name == "protein":
        found = prepared([], "prepared")[name]
        theirs = muon.prot.pp.clr(part, axis=1, inplace=False)
        difference = far(dense(found[:, part.var_names].X), dense(theirs.X))
        assert difference < 1e-5, difference
        said.append(f"CLR {difference:.0e}")
    if name == "atac":
        found = prepared(["atac=tf_idf,lsi:20"], "read")[name]
        muon.atac.pp.tfidf(part, scale_factor=1e4)
        muon.atac.tl.lsi(part, n_comps=25)
        # Components that follow the depth are not among ours.
        theirs = part.obsm["X_lsi"].T
        least = min(max(abs(np.corrcoef(a, b)[0, 1]) for b in theirs) for a in found.obsm["X_lsi"].T)
        assert least >= 0.999, least
        said.append(f"LSI {least:.6f}")
print("; ".join(said))
