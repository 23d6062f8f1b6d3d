"""The usual integrations by their own programs, for the table in the README: on labelled sets, the number of clusters given, no
label used in any decision. hdumec has the same methods in Rust (`hdumec compare`), and a test holds them to these.

    python benches/methods.py SET_DIR ... [--methods components,centred,wnn,mofa,snf,totalvi] [--seeds 0,1,2]

A set is a folder of modality_NAME.csv[.gz] (samples in rows, ids first) with labels.csv. What is not installed is skipped and said:
scikit-learn, scipy and pandas are needed; muon, scanpy, leidenalg and igraph for wnn; mofapy2 for mofa; snfpy for snf; scvi-tools and
anndata for totalvi, which needs the counts too (SET_DIR/raw_10x as Cell Ranger writes them). Prints a line a run and a table at the end.
"""

import argparse
import contextlib
import gzip
import importlib.util
import io
import pathlib
import sys
import time
import warnings
from collections import defaultdict

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.io import mmread
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans, SpectralClustering
from sklearn.decomposition import PCA
from sklearn.metrics import adjusted_rand_score
from sklearn.metrics.cluster import contingency_matrix

NEEDS = {
    "components": [],
    "centred": [],
    "wnn": ["muon", "scanpy", "anndata", "leidenalg", "igraph"],
    "mofa": ["mofapy2"],
    "snf": ["snf"],
    "totalvi": ["scvi", "anndata"],
}
# Beyond this the similarity network of snfpy takes too much memory.
MOST_FOR_SNF = 3_000
# Genes that totalVI gets, the most variable ones.
GENES = 4_000


class Skip(Exception):
    """Why a method does not run on a set."""


def read_set(folder):
    tables = {}
    for path in sorted(folder.glob("modality_*")):
        name = path.name.removeprefix("modality_").split(".")[0]
        tables[name] = pd.read_csv(path, index_col=0)
    if not tables:
        sys.exit(f"{folder}: no modality_NAME.csv in it")
    ids = next(iter(tables.values())).index
    labels = pd.read_csv(folder / "labels.csv", index_col=0).iloc[:, 0]
    return {name: table.loc[ids] for name, table in tables.items()}, labels.loc[ids].astype(str)


def accuracy(classes, clusters):
    table = contingency_matrix(classes, clusters)
    rows, columns = linear_sum_assignment(table, maximize=True)
    return table[rows, columns].sum() / len(classes)


def scaled(table, standardise):
    values = table.to_numpy(float)
    values = values - values.mean(axis=0)
    if standardise:
        deviation = values.std(axis=0)
        values = values / np.where(deviation > 0, deviation, 1)
    return values


def components(values, most, seed):
    if values.shape[1] <= most:
        return values
    most = min(most, min(values.shape) - 1)
    return PCA(most, random_state=seed).fit_transform(values)


def by_kmeans(points, clusters, seed):
    return KMeans(clusters, n_init=20, random_state=seed).fit_predict(points)


def pca_kmeans(tables, clusters, seed, standardise):
    blocks = []
    for table in tables.values():
        block = components(scaled(table, standardise), 20, seed)
        blocks.append(block / np.sqrt((block**2).sum(axis=1).mean()))
    return by_kmeans(np.hstack(blocks), clusters, seed)


def leiden_at(adjacency, clusters, seed):
    """Leiden with the resolution searched for that gives the number of clusters, or comes nearest to it."""
    import igraph
    import leidenalg

    upper = sparse.triu(adjacency.maximum(adjacency.T)).tocoo()
    graph = igraph.Graph(n=upper.shape[0], edges=list(zip(upper.row.tolist(), upper.col.tolist())))
    graph.es["weight"] = upper.data.tolist()
    low, high, best = 1e-3, 20.0, None
    for _ in range(30):
        resolution = np.sqrt(low * high)
        partition = leidenalg.find_partition(
            graph,
            leidenalg.RBConfigurationVertexPartition,
            weights="weight",
            resolution_parameter=resolution,
            seed=seed,
            n_iterations=4,
        )
        found = np.array(partition.membership)
        count = found.max() + 1
        if best is None or abs(count - clusters) < abs(best[0] - clusters):
            best = (count, found)
        if count == clusters:
            break
        low, high = (resolution, high) if count < clusters else (low, resolution)
    return best[1]


def wnn(tables, clusters, seed):
    import anndata
    import muon
    import scanpy

    views = {}
    for name, table in tables.items():
        view = anndata.AnnData(table.to_numpy(np.float32))
        view.obs_names = table.index.astype(str)
        view.var_names = [f"{name}:{feature}" for feature in table.columns]
        view.obsm["X_pca"] = components(scaled(table, True), 30, seed).astype(np.float32)
        scanpy.pp.neighbors(
            view, use_rep="X_pca", n_neighbors=min(20, len(table) // 5), random_state=seed
        )
        views[name] = view
    if len(views) == 1:
        adjacency = next(iter(views.values())).obsp["connectivities"]
    else:
        joint = muon.MuData(views)
        most = min(200, joint.n_obs // 2)
        muon.pp.neighbors(joint, n_multineighbors=most, random_state=seed)
        adjacency = joint.obsp["connectivities"]
    return leiden_at(sparse.csr_matrix(adjacency), clusters, seed)


def mofa(tables, clusters, seed):
    from mofapy2.run.entry_point import entry_point

    samples = len(next(iter(tables.values())))
    with contextlib.redirect_stdout(io.StringIO()):
        model = entry_point()
        model.set_data_options(scale_views=True)
        model.set_data_matrix(
            [[table.to_numpy(float)] for table in tables.values()],
            views_names=list(tables),
            likelihoods=["gaussian"] * len(tables),
        )
        model.set_model_options(factors=min(15, samples // 4))
        model.set_train_options(
            iter=300, convergence_mode="fast", seed=seed, verbose=False, quiet=True
        )
        model.build()
        model.run()
    return by_kmeans(model.model.nodes["Z"].getExpectation(), clusters, seed)


def snf(tables, clusters, seed):
    import sklearn.utils
    import sklearn.utils.validation

    # snfpy calls scikit-learn by an argument that was renamed.
    check = sklearn.utils.validation.check_array

    def renamed(*arguments, force_all_finite=True, **options):
        return check(*arguments, **({"ensure_all_finite": force_all_finite} | options))

    sklearn.utils.validation.check_array = sklearn.utils.check_array = renamed
    import snf as snfpy
    import snf.compute

    snf.compute.check_array = renamed
    samples = len(next(iter(tables.values())))
    if samples > MOST_FOR_SNF:
        raise Skip(f"more than {MOST_FOR_SNF:,} samples")
    values = [scaled(table, True) for table in tables.values()]
    networks = snfpy.make_affinity(values, metric="sqeuclidean", K=20, mu=0.5)
    fused = snfpy.snf(networks, K=20) if len(networks) > 1 else networks[0]
    clustering = SpectralClustering(
        clusters, affinity="precomputed", n_init=20, random_state=seed
    )
    return clustering.fit_predict(fused)


def totalvi(folder, tables, clusters, seed):
    import anndata
    import scvi

    raw = folder / "raw_10x"
    if not raw.is_dir():
        raise Skip("no counts (raw_10x)")

    def opened(name):
        path = raw / f"{name}.gz"
        return gzip.open(path, "rt") if path.exists() else open(raw / name)

    with opened("features.tsv") as file:
        features = pd.read_csv(file, sep="\t", header=None)
    proteins = (features[2] == "Antibody Capture").to_numpy()
    if not proteins.any():
        raise Skip("no proteins")
    with opened("barcodes.tsv") as file:
        row_of = {line.strip(): row for row, line in enumerate(file)}
    with opened("matrix.mtx") as file:
        counts = sparse.csr_matrix(mmread(file).T)
    counts = counts[[row_of[barcode] for barcode in next(iter(tables.values())).index]]
    genes = counts[:, ~proteins].astype(np.float32)
    if genes.shape[1] > GENES:
        mean = np.asarray(genes.mean(axis=0)).ravel()
        variance = np.asarray(genes.multiply(genes).mean(axis=0)).ravel() - mean**2
        genes = genes[:, np.argsort(-variance / np.maximum(mean, 1e-3))[:GENES]]
    data = anndata.AnnData(genes)
    data.obsm["protein"] = counts[:, proteins].toarray().astype(np.float32)
    scvi.settings.seed = seed
    scvi.settings.verbosity = 40
    scvi.model.TOTALVI.setup_anndata(data, protein_expression_obsm_key="protein")
    model = scvi.model.TOTALVI(data)
    model.train(max_epochs=200, enable_progress_bar=False, accelerator="cpu")
    return by_kmeans(model.get_latent_representation(), clusters, seed)


def cluster(method, folder, tables, clusters, seed):
    if method == "components":
        return pca_kmeans(tables, clusters, seed, standardise=True)
    if method == "centred":
        return pca_kmeans(tables, clusters, seed, standardise=False)
    if method == "totalvi":
        return totalvi(folder, tables, clusters, seed)
    return {"wnn": wnn, "mofa": mofa, "snf": snf}[method](tables, clusters, seed)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sets", nargs="+", type=pathlib.Path)
    parser.add_argument("--methods", default=",".join(NEEDS))
    parser.add_argument("--seeds", default="0,1,2")
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    methods = []
    for method in options.methods.split(","):
        if method not in NEEDS:
            parser.error(f"no method '{method}': choose from {', '.join(NEEDS)}")
        missing = [name for name in NEEDS[method] if importlib.util.find_spec(name) is None]
        if missing:
            print(f"{method} is skipped: {', '.join(missing)} not installed")
        else:
            methods.append(method)
    scores = defaultdict(list)
    for folder in options.sets:
        tables, classes = read_set(folder)
        for method in methods:
            for seed in map(int, options.seeds.split(",")):
                since = time.perf_counter()
                try:
                    found = cluster(method, folder, tables, classes.nunique(), seed)
                except Skip as why:
                    print(f"{folder.name} {method}: skipped, {why}", flush=True)
                    break
                except KeyboardInterrupt:
                    raise
                # Not all of them raise exceptions of Python's own.
                except BaseException as why:
                    print(f"{folder.name} {method}: failed, {why!r}"[:200], flush=True)
                    break
                seconds = time.perf_counter() - since
                pair = accuracy(classes, found), adjusted_rand_score(classes, found)
                scores[folder.name, method].append(pair)
                print(
                    f"{folder.name} {method} seed {seed}: ACC {pair[0]:.3f}, ARI {pair[1]:.3f}, {seconds:.1f} s",
                    flush=True,
                )
    print("\n| set | " + " | ".join(methods) + " |")
    print("|---|" + "---|" * len(methods))
    for folder in options.sets:
        cells = []
        for method in methods:
            pairs = scores.get((folder.name, method))
            mean = np.mean(pairs, axis=0) if pairs else None
            cells.append("-" if mean is None else f"{mean[0]:.2f} / {mean[1]:.2f}")
        print(f"| {folder.name} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
