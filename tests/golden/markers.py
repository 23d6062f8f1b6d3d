"""Makes markers_golden.json: what scipy, statsmodels and scanpy say of groups of simulated samples.

Run with scipy 1.17, statsmodels 0.15 and scanpy 1.11: python tests/golden/markers.py
"""

import json
import warnings
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import scanpy
import scipy.stats
from sklearn.metrics import roc_auc_score
from statsmodels.stats.multitest import multipletests

warnings.filterwarnings("ignore")
SAMPLES, FEATURES, GROUPS = 90, 14, 3


def tested(values, groups, group):
    """Every feature of a group against the others, by scipy, statsmodels and scikit-learn."""
    found = {"p": [], "auroc": [], "statistic": []}
    for column in values.T:
        there = ~np.isnan(column)
        column, mine = column[there], (groups == group)[there]
        test = scipy.stats.mannwhitneyu(
            column[mine], column[~mine], use_continuity=True, method="asymptotic", alternative="two-sided"
        )
        found["p"].append(float(np.nan_to_num(test.pvalue, nan=1.0)))
        found["statistic"].append(float(test.statistic))
        found["auroc"].append(float(roc_auc_score(mine, column)))
    found["adjusted"] = multipletests(found["p"], method="fdr_bh")[1].tolist()
    return found


def main():
    rng = np.random.default_rng(17)
    groups = rng.integers(0, GROUPS, SAMPLES)
    rates = rng.gamma(0.7, 2.0, FEATURES) * np.exp(rng.normal(0, 1.0, (GROUPS, FEATURES)))
    counts = rng.poisson(rates[groups] * rng.lognormal(0, 0.4, SAMPLES)[:, None]).astype(float)
    # A feature that is the same everywhere.
    counts[:, 3] = 0.0
    signed = np.round(rng.normal(0, 1.0, (SAMPLES, 5)) + 0.6 * groups[:, None], 1)
    signed[rng.random(signed.shape) < 0.1] = np.nan
    data = anndata.AnnData(counts.astype(np.float32), obs=pd.DataFrame({"group": pd.Categorical(groups.astype(str))}))
    scanpy.pp.normalize_total(data, target_sum=1e4)
    scanpy.pp.log1p(data)
    scanpy.tl.rank_genes_groups(data, "group", method="wilcoxon", tie_correct=True)
    ranked = data.uns["rank_genes_groups"]
    of_scanpy = []
    for group in range(GROUPS):
        order = [int(name) for name in ranked["names"][str(group)]]
        of_scanpy.append(
            {
                "order": order,
                "scores": [float(x) for x in ranked["scores"][str(group)]],
                "log_fold_changes": [float(x) for x in ranked["logfoldchanges"][str(group)]],
            }
        )
    golden = {
        "groups": groups.tolist(),
        "counts": counts.tolist(),
        "signed": [[None if np.isnan(x) else float(x) for x in row] for row in signed],
        "of_counts": [tested(counts, groups, group) for group in range(GROUPS)],
        "of_signed": [tested(signed, groups, group) for group in range(GROUPS)],
        "scanpy": of_scanpy,
    }
    Path(__file__).with_name("markers_golden.json").write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
