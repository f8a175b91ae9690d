"""Grows the second opinion's trees: fit.py FOREST.json TABLE.csv=TRUTH.jsonl[=WEIGHT] ...

TABLE is what examples/second prints of the pages of which TRUTH tells the answers (as `simulate` does; a
line may name positions under "ambiguous" that are left out); WEIGHT makes up for fewer pages. Needs Python with numpy and lightgbm 4.

Boxes that the rules struck out or that the line lost are never asked about, so they are left out. Of those
that the rules find clear, three in ten are enough: there are so many.
"""

import csv
import json
import sys
import zlib

import lightgbm
import numpy as np

NEVER = {"StruckOut", "DamagedField"}
CLEAR_SHARE = 0.3
# By leaving simulators out in turn: larger trees, and more of them, are surer of what they have seen and as
# often wrong on others.
SHAPE = dict(
    n_estimators=1100,
    learning_rate=0.05,
    num_leaves=15,  # src/judge/forest.rs takes 16 at most
    min_child_samples=20,
    subsample=0.8,
    subsample_freq=1,
    colsample_bytree=0.5,
    random_state=1,
    n_jobs=1,
    deterministic=True,
    verbose=-1,
)


def truths(path):
    for line in open(path):
        t = json.loads(line)
        yield (t["file"], t.get("page", 1)), t


def rows(table, truth):
    """Every box that may be asked about: its key, the rules' outcome, its numbers, is it marked?"""
    known = dict(truths(truth))
    with open(table, newline="") as lines:
        for row in csv.reader(lines):
            if row[0] == "file":
                continue
            t = known.get((row[0], int(row[1])))
            position = f"{row[2]}.{row[3]}"
            if t is None or position in t.get("ambiguous", ()) or NEVER & set(row[5].split("+")):
                continue
            marked = row[3] in t["answers"].get(row[2], [])
            yield tuple(row[:4]), row[4], np.array(row[6:], dtype=np.float32), marked


def is_sampled(key, outcome):
    return outcome == "Doubtful" or zlib.crc32("/".join(key).encode()) < CLEAR_SHARE * 2**32


def written(booster, names):
    """The trees as src/judge/forest.rs reads them."""
    out = []
    for tree in booster.dump_model()["tree_info"]:
        nodes = {k: [] for k in ("feature", "at_most", "left", "right", "leaf")}
        place(tree["tree_structure"], nodes)
        out.append(nodes)
    return {"features": names, "trees": out}


def place(node, nodes):
    """Puts a node after its parent; returns its number, or -1 - that of the leaf."""
    if "leaf_value" in node:
        nodes["leaf"].append(float(f"{node['leaf_value']:.4g}"))
        return -len(nodes["leaf"])
    at = len(nodes["feature"])
    nodes["feature"].append(node["split_feature"])
    nodes["at_most"].append(float(f"{node['threshold']:.6g}"))
    for side in ("left", "right"):
        nodes[side].append(0)
    for side in ("left", "right"):
        nodes[side][at] = place(node[f"{side}_child"], nodes)
    return at


def main():
    out, *tables = sys.argv[1:]
    names = next(csv.reader(open(tables[0].split("=")[0])))[6:]
    samples, marked, weights = [], [], []
    for source in tables:
        table, truth, weight = (source + "=1").split("=")[:3]
        for key, outcome, sample, is_marked in rows(table, truth):
            if is_sampled(key, outcome):
                samples.append(sample)
                marked.append(is_marked)
                weights.append(float(weight))
    trees = lightgbm.LGBMClassifier(**SHAPE)
    fitted = trees.fit(np.array(samples), np.array(marked), sample_weight=np.array(weights))
    with open(out, "w") as forest:
        json.dump(written(fitted.booster_, names), forest, separators=(",", ":"))
        forest.write("\n")
    print(f"{len(samples)} boxes, {sum(marked)} marked")


if __name__ == "__main__":
    main()
