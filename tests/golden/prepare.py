"""Makes prepare_golden.json: simulated counts, and what scanpy, muon, scikit-learn and scrublet make of them.

Run with scanpy 1.11, muon 0.1, scikit-misc 0.5, scikit-learn and scrublet 0.2: python tests/golden/prepare.py
"""

import json
import warnings
from pathlib import Path

import anndata
import muon
import numpy as np
import scanpy
import scipy.sparse
import scrublet
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.impute import KNNImputer

warnings.filterwarnings("ignore")
CELLS, GENES, DOUBLETS, KINDS = 200, 400, 16, 4


def simulated(rng):
    """Counts of four kinds of cells with unequal depths, 13 mitochondrial genes, and cells that are two."""
    base = rng.gamma(0.4, 1.0, GENES) + 0.01
    kinds = [base * np.exp(rng.normal(0, 1.2, GENES) * (rng.random(GENES) < 0.15)) for _ in range(KINDS)]
    kind = rng.integers(0, KINDS, CELLS)
    depth = rng.lognormal(np.log(400), 0.35, CELLS)
    shares = np.array([kinds[k] / kinds[k].sum() for k in kind])
    counts = rng.poisson(rng.gamma(5, 0.2, (CELLS, GENES)) * shares * depth[:, None])
    for at in range(DOUBLETS):
        other = rng.choice(np.flatnonzero(kind != kind[at]))
        counts[at] += counts[other]
    names = [f"MT-{at}" if at < 13 else f"gene{at}" for at in range(GENES)]
    return counts.astype(np.float32), names


def numbers(array, digits=6):
    return [float(f"{x:.{digits}g}") for x in np.asarray(array, dtype=np.float64).ravel()]


rng = np.random.default_rng(7)
counts, names = simulated(rng)
data = anndata.AnnData(scipy.sparse.csr_matrix(counts))
data.var_names = names
data.var["mt"] = data.var_names.str.startswith("MT-")
golden = {"samples": CELLS, "features": GENES, "names": names, "doublets": DOUBLETS}
golden["counts"] = [[[int(j), int(x)] for j, x in enumerate(row) if x] for row in counts]

scanpy.pp.calculate_qc_metrics(data, qc_vars=["mt"], percent_top=None, inplace=True)
for column in ["total_counts", "n_genes_by_counts", "pct_counts_mt"]:
    golden[column] = numbers(data.obs[column])

seurat = scanpy.pp.highly_variable_genes(data, flavor="seurat_v3", n_top_genes=100, inplace=False)
golden["seurat_v3"] = numbers(seurat["variances_norm"])
residuals = scanpy.experimental.pp.highly_variable_genes(data, flavor="pearson_residuals", n_top_genes=100, inplace=False)
golden["pearson_residuals"] = numbers(residuals["residual_variances"])

logs = data.copy()
scanpy.pp.normalize_total(logs, target_sum=1e4)
scanpy.pp.log1p(logs)
golden["log1p"] = numbers(logs.X.toarray()[:5])
golden["pca"] = numbers(PCA(20, svd_solver="full").fit_transform(logs.X.toarray().astype(np.float64)))
scaled = scanpy.pp.scale(logs, max_value=3, copy=True)
golden["standardised"] = numbers(scaled.X[:5])
scaled = scanpy.pp.scale(logs, max_value=10, copy=True)
golden["pca_standardised"] = numbers(PCA(20, svd_solver="full").fit_transform(scaled.X.astype(np.float64)))
low, high = np.quantile(logs.X.toarray().astype(np.float64), [0.05, 0.95], axis=0)
golden["quantiles"] = numbers(np.stack([low, high], axis=1)[:50])

clr = muon.prot.pp.clr(data, axis=1, inplace=False)
clr = clr.X if hasattr(clr, "X") else clr
golden["clr"] = numbers(np.asarray(clr.todense() if scipy.sparse.issparse(clr) else clr)[:5])

weighed = data.copy()
muon.atac.pp.tfidf(weighed, scale_factor=1e4)
golden["tf_idf"] = numbers(weighed.X.toarray()[:5])
golden["lsi"] = numbers(TruncatedSVD(20, algorithm="arpack").fit_transform(weighed.X.toarray().astype(np.float64)))

table = rng.normal(size=(40, 12)) + np.repeat([[0], [3]], 20, axis=0)
table[rng.random(table.shape) < 0.15] = np.nan
golden["with_gaps"] = [None if np.isnan(x) else float(np.float32(x)) for x in table.ravel()]
golden["imputed"] = numbers(KNNImputer(n_neighbors=5).fit_transform(table.astype(np.float32)))

shares = np.concatenate([[0.0, 1.0, 0.5], rng.random(9)]).astype(np.float32)
golden["shares"] = numbers(shares, 9)
clipped = np.clip(shares.astype(np.float64), 0.001, 0.999)
golden["m_values"] = numbers(np.log2(clipped / (1 - clipped)))

scores = []
for seed in range(10):
    scrub = scrublet.Scrublet(counts, random_state=seed)
    scores.append(scrub.scrub_doublets(verbose=False)[0])
golden["scrublet"] = numbers(np.mean(scores, axis=0))
golden["scrublet_alone"] = float(np.mean([np.corrcoef(np.argsort(np.argsort(s)), np.argsort(np.argsort(np.mean(scores, axis=0))))[0, 1] for s in scores]))

text = json.dumps(golden, separators=(",", ":"))
Path(__file__).with_name("prepare_golden.json").write_text(text + "\n")
print(len(text), golden["scrublet_alone"])
