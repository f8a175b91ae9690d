"""Grows the second opinion's network: sight.py SIGHT.bin TABLE.csv=TRUTH.jsonl=PICTURES[=WEIGHT] ...

TABLE and PICTURES are what `examples/second --pictures PICTURES` prints and writes; TRUTH tells the answers of
the pages (as `simulate` does; a line may name positions under "ambiguous" that are left out); WEIGHT makes up
for fewer pages. Needs Python with numpy, torch and, as fit.py does, lightgbm. Two cores take a minute for 160,000 boxes once over.

The layers are those of src/judge/second/sight.rs. Weights are rounded to 8 bits, each output with its own
scale. Boxes on damaged rows are left out, struck ones are not: a correction asks about them.
"""

import csv
import sys

import numpy as np
import torch
from fit import truths
from torch import nn
from torch.nn import functional

ROWS, COLUMNS, PLANES = 64, 112, 7
CONVOLUTIONS = [16, 32, 48, 64]
EPOCHS, BATCH, RATE = 8, 128, 2e-3
# Now and then it must do without the numbers, or it would not look.
BLIND = 0.15

CELLS = torch.tensor(
    [[v // 25 / 4, v // 5 % 5 / 4, v % 5 / 4] for v in range(125)] + [[0, 0, 0]] * 131
)


def boxes(table, truth, pictures):
    """Pictures, numbers, is it marked? of every box that may be asked about."""
    known = dict(truths(truth))
    count = len(np.memmap(pictures, np.uint8)) // (2 * ROWS * COLUMNS)
    seen = np.memmap(pictures, np.uint8, "r", shape=(count, 2, ROWS, COLUMNS))
    taken, numbers, marked = [], [], []
    with open(table, newline="") as lines:
        for i, row in enumerate(list(csv.reader(lines))[1:]):
            t = known.get((row[0], int(row[1])))
            position = f"{row[2]}.{row[3]}"
            damaged = "DamagedField" in row[5]
            if t is None or damaged or position in t.get("ambiguous", ()):
                continue
            taken.append(i)
            numbers.append(np.array(row[6:], np.float32))
            marked.append(row[3] in t["answers"].get(row[2], []))
    return seen[taken], np.array(numbers), np.array(marked, np.float32)


def planes(pictures):
    inked = CELLS[pictures[:, 0].long()].permute(0, 3, 1, 2)
    covered = torch.stack([(pictures[:, 1] >> k & 1).float() for k in range(4)], 1)
    return torch.cat([inked, covered], 1)


class Sight(nn.Module):
    def __init__(self, numbers):
        super().__init__()
        inputs = [PLANES, *CONVOLUTIONS]
        pairs = zip(inputs, CONVOLUTIONS)
        self.convolutions = nn.ModuleList(nn.Conv2d(i, o, 3, 2, 1) for i, o in pairs)
        cells = (ROWS >> len(CONVOLUTIONS)) * (COLUMNS >> len(CONVOLUTIONS))
        self.seen = nn.Linear(inputs[-1] * cells, 64)
        self.told = nn.Linear(numbers, 32)
        self.both = nn.Linear(96, 32)
        self.last = nn.Linear(32, 1)

    def forward(self, pictures, numbers):
        x = planes(pictures)
        for layer in self.convolutions:
            x = functional.relu(layer(x))
        x = functional.dropout(x.flatten(1), 0.25, self.training)
        both = [functional.relu(self.seen(x)), functional.relu(self.told(numbers))]
        return self.last(functional.relu(self.both(torch.cat(both, 1)))).squeeze(1)

    def layers(self):
        return [*self.convolutions, self.seen, self.told, self.both, self.last]


def grow(pictures, numbers, marked, weights):
    torch.manual_seed(1)
    order = np.random.default_rng(1)
    net = Sight(numbers.shape[1])
    steps = EPOCHS * (len(marked) // BATCH)
    adam = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=1e-3)
    rate = torch.optim.lr_scheduler.OneCycleLR(adam, RATE, steps, pct_start=0.1)
    for epoch in range(EPOCHS):
        net.train()
        shuffled, total = order.permutation(len(marked)), 0.0
        for i in range(0, len(marked) - BATCH + 1, BATCH):
            k = torch.from_numpy(shuffled[i : i + BATCH])
            moved = int(order.integers(-1, 2)), int(order.integers(-2, 3))
            told = numbers[k] * float(order.random() >= BLIND)
            odds = net(torch.roll(pictures[k], moved, (2, 3)), told)
            each = functional.binary_cross_entropy_with_logits(odds, marked[k], reduction="none")
            loss = (each * weights[k]).mean()
            adam.zero_grad()
            loss.backward()
            adam.step()
            rate.step()
            total += float(loss.detach())
        print("epoch", epoch + 1, "loss", total / (len(marked) // BATCH), flush=True)
    return net


def written(out, net, mean, deviation):
    out.write(mean.astype("<f4").tobytes() + deviation.astype("<f4").tobytes())
    for layer in net.layers():
        weight, bias = layer.weight.detach().numpy(), layer.bias.detach().numpy()
        flat = weight.reshape(len(weight), -1)
        scale = np.maximum(np.abs(flat).max(axis=1), 1e-9).astype(np.float32) / 127
        bits = np.rint(flat / scale[:, None]).astype(np.int8)
        out.write(scale.astype("<f4").tobytes() + bias.astype("<f4").tobytes() + bits.tobytes())


def main():
    target, *tables = sys.argv[1:]
    all_of = [], [], [], []
    for source in tables:
        table, truth, pictures, weight = (source + "=1").split("=")[:4]
        seen, numbers, marked = boxes(table, truth, pictures)
        for part, of in zip(all_of, (seen, numbers, marked, np.full(len(marked), float(weight)))):
            part.append(of)
    pictures, numbers, marked, weights = (np.concatenate(p) for p in all_of)
    small = np.sign(numbers) * np.log1p(np.abs(numbers))
    mean, deviation = small.mean(0), small.std(0) + 1e-3
    usual = np.clip((small - mean) / deviation, -5, 5).astype(np.float32)
    of = [torch.from_numpy(x) for x in (pictures, usual, marked, weights.astype(np.float32))]
    with open(target, "wb") as out:
        written(out, grow(*of), mean, deviation)
    print(f"{len(marked)} boxes, {int(marked.sum())} marked")


if __name__ == "__main__":
    main()
