"""Trains the digit reader's network on what `digit-training` wrote, and writes `weights.bin`.

    python train.py TRAIN VALID WEIGHTS [--epochs N] [--seed N]

Needs jax and numpy. The layers are those of src/text/digits/network.rs. Weights are rounded to 8 bits, each
output with its own scale, and VALID is told with the rounded ones.
"""

import argparse
import functools
import pathlib
import time

import jax
import jax.numpy as jnp
import numpy as np

SIDE, CLASSES = 24, 11
CONVOLUTIONS = [(10, True), (24, True), (48, True)]
HIDDEN = 64
BATCH = 256
# Labels are never quite sure: networks that are told so are wrong with less confidence.
SMOOTH = 0.01


def load(path):
    rows = np.fromfile(path, np.uint8).reshape(-1, 2 + SIDE * SIDE)
    return rows[:, 2:].reshape(-1, SIDE, SIDE), rows[:, 0].astype(np.int32), rows[:, 1]


def start(key):
    out, inputs, side = [], 1, SIDE
    shapes = []
    for outputs, halved in CONVOLUTIONS:
        shapes.append((outputs, inputs, 3, 3))
        inputs, side = outputs, side // 2 if halved else side
    shapes += [(HIDDEN, inputs * side * side), (CLASSES, HIDDEN)]
    for shape in shapes:
        key, own = jax.random.split(key)
        fan = np.prod(shape[1:])
        out.append((jax.random.normal(own, shape) * np.sqrt(2 / fan), jnp.zeros(shape[0])))
    return out


def opened(path):
    """Weights as they are written."""
    rest, out = path.read_bytes(), []
    for w, _ in start(jax.random.PRNGKey(0)):
        outputs, size = len(w), w.size
        scale, bias = np.frombuffer(rest, "<f4", 2 * outputs).reshape(2, outputs)
        bits = np.frombuffer(rest, np.int8, size, 8 * outputs).reshape(outputs, -1)
        out.append((jnp.asarray((bits * scale[:, None]).reshape(w.shape)), jnp.asarray(bias)))
        rest = rest[8 * outputs + size :]
    return out


def logits(weights, x, drop=None):
    x = x[..., None]
    for (w, b), (_, halved) in zip(weights, CONVOLUTIONS):
        side = x.shape[1]
        padded = jnp.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
        # Nine shifted copies and one product of matrices: several times as fast on a CPU as a convolution.
        seen = [padded[:, dy : dy + side, dx : dx + side] for dy in range(3) for dx in range(3)]
        kernel = w.reshape(w.shape[0], w.shape[1], 9).transpose(2, 1, 0).reshape(9 * w.shape[1], -1)
        x = jnp.concatenate(seen, axis=3) @ kernel + b
        if halved:
            x = x.reshape(len(x), side // 2, 2, side // 2, 2, -1).max(axis=(2, 4))
        x = jax.nn.relu(x)
    x = x.transpose(0, 3, 1, 2).reshape(len(x), -1)
    if drop is not None:
        x = x * (jax.random.uniform(drop, x.shape) > 0.25) / 0.75
    x = jax.nn.relu(x @ weights[-2][0].T + weights[-2][1])
    return x @ weights[-1][0].T + weights[-1][1]


def loss(weights, x, y, key):
    p = jax.nn.log_softmax(logits(weights, x, key))
    truth = jax.nn.one_hot(y, CLASSES) * (1 - SMOOTH) + SMOOTH / CLASSES
    decay = sum(jnp.sum(w * w) for w, _ in weights)
    return -jnp.mean(jnp.sum(truth * p, axis=1)) + 2e-5 * decay


@functools.partial(jax.jit, donate_argnums=(0, 1, 2))
def step(weights, first, second, x, y, key, rate, t):
    """Adam (Kingma and Ba 2015)."""
    slope = jax.grad(loss)(weights, x.astype(jnp.float32) / 255, y, key)
    first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, slope)
    second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, slope)
    move = lambda w, m, v: w - rate * (m / (1 - 0.9**t)) / (jnp.sqrt(v / (1 - 0.999**t)) + 1e-8)
    return jax.tree.map(move, weights, first, second), first, second


def rounded(weights):
    out = []
    for w, b in weights:
        w = np.asarray(w, np.float32)
        flat = w.reshape(len(w), -1)
        scale = np.maximum(np.abs(flat).max(axis=1), 1e-9).astype(np.float32) / 127
        bits = np.rint(flat / scale[:, None]).astype(np.int8)
        out.append((scale, np.asarray(b, np.float32), bits, w.shape))
    return out


def told(weights, images, labels, sources):
    forward = jax.jit(lambda x: jax.nn.softmax(logits(weights, x)))
    p = np.vstack([np.asarray(forward(jnp.asarray(images[i : i + 2000], jnp.float32) / 255)) for i in range(0, len(images), 2000)])
    found = p.argmax(1)
    for name, k in [("all", labels >= 0), ("digits", labels < 10), ("no digits", labels == 10)] + [
        (f"digits of source {s}", (labels < 10) & (sources == s)) for s in np.unique(sources)
    ]:
        right = found[k] == labels[k]
        sure = (p[k][:, :10].max(1) > 0.95) & (found[k] < 10)
        print(f"{name:20} {k.sum():7} wrong {100 * (1 - right.mean()):.2f} %; "
              f"a digit by .95: {100 * sure.mean():.2f} %, of them wrong {(sure & ~right).sum()}")


def main():
    args = argparse.ArgumentParser()
    for name in ("train", "valid", "weights"):
        args.add_argument(name, type=pathlib.Path)
    args.add_argument("--start", type=pathlib.Path, help="weights to go on from")
    args.add_argument("--rate", type=float, default=2e-3)
    args.add_argument("--epochs", type=int, default=12)
    args.add_argument("--seed", type=int, default=6700)
    args.add_argument("--none", type=float, default=1.0, help="share of what is no digit that an epoch sees")
    args = args.parse_args()
    images, labels, _ = load(args.train)
    order = np.random.default_rng(args.seed)
    key = jax.random.PRNGKey(args.seed)
    weights = opened(args.start) if args.start else start(key)
    first = jax.tree.map(jnp.zeros_like, weights)
    second = jax.tree.map(jnp.zeros_like, weights)
    digits, others = np.flatnonzero(labels < 10), np.flatnonzero(labels == 10)
    seen = len(digits) + int(args.none * len(others))
    steps = args.epochs * (seen // BATCH)
    t = 0
    for epoch in range(args.epochs):
        mixed = order.permutation(np.concatenate([digits, order.permutation(others)[: seen - len(digits)]]))
        for i in range(0, seen - BATCH + 1, BATCH):
            t += 1
            if t % 100 == 0:
                print(t, steps, time.process_time(), flush=True)
            key, own = jax.random.split(key)
            rate = args.rate * 0.5 * (1 + np.cos(np.pi * t / steps))
            k = mixed[i : i + BATCH]
            weights, first, second = step(weights, first, second, images[k], labels[k], own, rate, t)
        print("epoch", epoch + 1, float(loss(weights, jnp.asarray(images[k], jnp.float32) / 255, labels[k], key)), flush=True)
    packed = rounded(weights)
    with args.weights.open("wb") as out:
        for scale, bias, bits, _ in packed:
            out.write(scale.astype("<f4").tobytes() + bias.astype("<f4").tobytes() + bits.tobytes())
    again = [((bits * scale[:, None]).reshape(shape).astype(np.float32), bias) for scale, bias, bits, shape in packed]
    told(again, *load(args.valid))


if __name__ == "__main__":
    main()
