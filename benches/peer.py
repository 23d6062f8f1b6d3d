#!/usr/bin/env python3
"""Times hdumec beside a PyTorch program of the same method, in turn on the same files, part by part.

usage: peer.py --hdumec BINARY --peer PROGRAM.py --python PYTHON DATA [--epochs 4,4,4] [--rounds 3] [--threads 2]

DATA is a folder of modality files (`hdumec demo --samples 25517 --out DATA`). The peer gets the folder, --epochs,
--tol and --umap, and prints one JSON object with the seconds of its parts. PYTHON needs what the peer
needs, and umap-learn and scikit-learn for the maps: both programs' maps are made of hdumec's embedding.
Prints the median of every part and the ratio hdumec / peer, the smaller the better.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

MAPS = """
import json, sys, time
import numpy as np, pandas as pd
start = time.time()
import umap
from sklearn.manifold import trustworthiness
from sklearn.neighbors import NearestNeighbors
points = pd.read_csv(sys.argv[1] + "/embedding.csv", index_col=0).filter(like="h").to_numpy()
ours = pd.read_csv(sys.argv[1] + "/umap.csv", index_col=0)[["umap1", "umap2"]].to_numpy()
seconds = []
for _ in range(2):
    begun = time.time()
    theirs = umap.UMAP(n_neighbors=15).fit_transform(points)
    seconds.append(time.time() - begun)
some = np.random.default_rng(0).permutation(len(points))[:10000]
near = lambda a: NearestNeighbors(n_neighbors=15).fit(a).kneighbors(return_distance=False)
def score(a):
    both = zip(near(points), near(a))
    kept = np.mean([len(np.intersect1d(x, y)) / 15 for x, y in both])
    return [float(trustworthiness(points[some], a[some], n_neighbors=15)), float(kept)]
print(json.dumps({"fresh": seconds[0], "warm": seconds[1], "ours": score(ours), "theirs": score(theirs)}))
"""


def run(command, threads):
    """Standard output and peak memory (MiB) of a command on so many threads."""
    names = ["OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS", "RAYON_NUM_THREADS"]
    # A library may have been told to run slower than it can.
    skipped = {"OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"}
    env = {k: v for k, v in os.environ.items() if k not in skipped} | {name: str(threads) for name in names}
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL, env=env)
        _, status, usage = os.wait4(process.pid, 0)
        if status != 0:
            sys.exit(f"failed: {' '.join(command)}")
        out.seek(0)
        return out.read().decode(), usage.ru_maxrss / 1024


def ours(options, folder):
    command = [options.hdumec, "run", options.data, "--out", folder, "--recipe", "published", "--device", "cpu",
               # What an earlier run came to would be taken over.
               "--no-store"]
    command += ["--json", "--force", "--epochs", options.epochs, "--tolerance", "0"]
    text, peak = run(command, options.threads)
    epochs = [json.loads(line) for line in text.splitlines()]
    scoring = sum(e["clustering"]["seconds"] for e in epochs if e.get("clustering"))
    parts = json.loads(pathlib.Path(folder, "run.json").read_text())["seconds"]
    seconds = {part["part"]: part["seconds"] for part in parts}
    return {
        "load and scale": seconds["load"] + seconds["prepare"],
        "stage 1, squared error": seconds["pretrain"],
        "stage 1, likelihood": seconds["uncertainty_finetune"],
        "uncertainty": seconds["uncertainty"],
        "k-means, 20 restarts": seconds["kmeans"],
        "ASW and scores, once": seconds["scores"],
        "stage 2 without scores": seconds["clustering"] - scoring,
        "stage 2 scores": scoring,
        "all but maps": sum(s for part, s in seconds.items() if not part.startswith("umap")),
        "peak memory, MiB": peak,
    }, seconds["umap_stage2"]


def theirs(options):
    command = [options.python, options.peer, options.data, "--epochs", options.epochs, "--tol", "0"]
    text, peak = run(command, options.threads)
    seconds = json.loads(text.splitlines()[-1])["seconds"]
    scoring = seconds.pop("stage2_scores_alone")
    return {
        "load and scale": seconds["load"],
        "stage 1, squared error": seconds["stage1_mse"],
        "stage 1, likelihood": seconds["stage1_nll"],
        "uncertainty": seconds["uncertainty"],
        "k-means, 20 restarts": seconds["kmeans"],
        "ASW and scores, once": seconds["stage1_scores"],
        "stage 2 without scores": seconds["stage2_with_scores"] - scoring,
        "stage 2 scores": scoring,
        "all but maps": sum(seconds.values()),
        "peak memory, MiB": peak,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data")
    for name in ["hdumec", "peer", "python"]:
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--epochs", default="4,4,4")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    pairs, maps = [], []
    for _ in range(options.rounds):
        with tempfile.TemporaryDirectory() as folder:
            mine, layout = ours(options, folder)
            pairs.append((mine, theirs(options)))
            text, _ = run([options.python, "-c", MAPS, folder], options.threads)
            maps.append((layout, json.loads(text.splitlines()[-1])))
    median = statistics.median

    def row(name, a, b):
        ratios = [x / y for x, y in zip(a, b)]
        print(f"{name:<26}{median(a):>10.3f}{median(b):>10.3f}{median(ratios):>8.3f}", flush=True)

    print(f"{options.rounds} rounds, epochs {options.epochs}, {options.threads} threads: seconds")
    print(f"{'':<26}{'hdumec':>10}{'peer':>10}{'ratio':>8}")
    for name in pairs[0][0]:
        row(name, [a[name] for a, _ in pairs], [b[name] for _, b in pairs])
    layouts = [a for a, _ in maps]
    row("UMAP, peer warm", layouts, [b["warm"] for _, b in maps])
    row("UMAP, peer fresh", layouts, [b["fresh"] for _, b in maps])
    for at, name in enumerate(["trustworthiness", "neighbours preserved"]):
        row(name, [b["ours"][at] for _, b in maps], [b["theirs"][at] for _, b in maps])


if __name__ == "__main__":
    main()
