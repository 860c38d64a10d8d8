"""The gated PixelCNN of figment/models/pixel_cnn as one would write it in PyTorch, with the usual sampler: the whole network
over the whole images for each position.

  peer_pixel_cnn.py GIVEN BATCH   a unit of work: one position, that is one forward pass and one draw. GIVEN holds weights,
                                  inputs and what our network says of them; ours must agree before anything is timed.
"""
import json
import sys

import numpy
import torch
from torch import nn
from torch.nn import functional as F

import worker


def load(path):
    """The tensors of a safetensors file."""
    data = open(path, "rb").read()
    size = int.from_bytes(data[:8], "little")
    tensors = {}
    for name, row in json.loads(data[8:8 + size]).items():
        if name != "__metadata__":
            begin, end = row["data_offsets"]
            kind = {"F32": numpy.float32, "I64": numpy.int64}[row["dtype"]]
            values = numpy.frombuffer(data[8 + size + begin:8 + size + end], kind).reshape(row["shape"])
            tensors[name] = torch.from_numpy(values.copy())
    return tensors


def gate(x):
    a, b = x.chunk(2, 1)
    return a.tanh() * b.sigmoid()


class Layer(nn.Module):
    def __init__(self, weights, first):
        super().__init__()
        for name in ("above", "left", "link", "skip", "across"):
            if name + ".weight" in weights:
                outputs, inputs, *kernel = weights[name + ".weight"].shape
                self.add_module(name, nn.Conv2d(inputs, outputs, kernel, bias=name + ".bias" in weights))
        self.load_state_dict(weights)
        self.half, self.past = weights["above.weight"].shape[3] // 2, -1 if first else 0

    def forward(self, v, h, first, places):
        a_v = self.above(F.pad(v, (self.half, self.half, self.half, self.past)))
        a_h = self.left(F.pad(h, (self.half, self.past)))
        if first:
            shift_v, shift_h = places.chunk(2)
            a_v, a_h = a_v + shift_v, a_h + shift_h
        g = gate(a_h + self.link(a_v))
        skip = self.skip(g)
        if not hasattr(self, "across"):
            return None, None, skip
        return gate(a_v), self.across(g) if first else h + self.across(g), skip


def within(tensors, prefix):
    return {name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)}


class GatedPixelCnn(nn.Module):
    def __init__(self, given):
        super().__init__()
        count = 1 + max(int(name.split(".")[2]) for name in given if name.startswith("network.layers."))
        self.layers = nn.ModuleList(Layer(within(given, f"network.layers.{i}."), i == 0) for i in range(count))
        self.places = nn.Parameter(given["network.places"])
        self.embedding = nn.Embedding.from_pretrained(given["network.embedding.weight"]) if "network.embedding.weight" in given else None
        for name in ("hidden", "out"):
            weights = within(given, f"network.{name}.")
            self.add_module(name, nn.Conv2d(weights["weight"].shape[1], weights["weight"].shape[0], 1))
            getattr(self, name).load_state_dict(weights)

    def forward(self, symbols):
        if self.embedding:
            x = self.embedding(symbols[:, 0]).permute(0, 3, 1, 2)
        else:
            x = symbols.float() * (2 / 255) - 1
            x = torch.cat([x, torch.ones_like(x)], 1)
        v = h = x
        skips = 0
        for i, layer in enumerate(self.layers):
            v, h, skip = layer(v, h, i == 0, self.places)
            skips = skips + skip
        return self.out(self.hidden(skips.relu()).relu())


def draw(outputs, codes):
    """One symbol of each image: [N,O] to [N]."""
    if codes:
        return torch.multinomial(outputs.softmax(1), 1)[:, 0]
    weight, mean, log_scale = outputs.chunk(3, 1)
    which = torch.multinomial(weight.softmax(1), 1)
    u = torch.rand(len(outputs), 1).clamp(1e-5, 1 - 1e-5)
    x = mean.gather(1, which) + log_scale.gather(1, which).clamp_min(-7).exp() * (u.log() - (1 - u).log())
    return ((x.clamp(-1, 1) + 1) * 127.5).round().long()[:, 0]


def main():
    torch.set_num_threads(1)
    given, batch = load(sys.argv[1]), int(sys.argv[2])
    model = GatedPixelCnn(given)
    with torch.inference_mode():
        if not torch.allclose(model(given["symbols"]), given["outputs"], atol=1e-4):
            raise SystemExit("peer_pixel_cnn: this network says something else than ours")
        _, _, height, width = given["symbols"].shape
        symbols = torch.zeros(batch, 1, height, width, dtype=torch.long)
        place = 0

        def run(n):
            nonlocal place
            for _ in range(n):
                row, column = place // width, place % width
                symbols[:, 0, row, column] = draw(model(symbols)[:, :, row, column], model.embedding is not None)
                place = (place + 1) % (height * width)
            return 0.0

        worker.serve({"places": height * width}, run)


if __name__ == "__main__":
    main()
