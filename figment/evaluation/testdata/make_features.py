#!/usr/bin/env python3
"""Writes features.safetensors beside this file: features of two sets of images, logits of one, and what torch-fidelity says of
them. feature_parity_test.cpp expects the same of ours. Settings that differ by default are those of figment: kernel distance of
all images at once, inception score of ten parts in the order of the images.

    .deps/bench/bin/python figment/evaluation/testdata/make_features.py     after tools/setup bench
"""
import json
import pathlib
import sys

import numpy
import torch

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[2] / "benchmarks"))
import fidelity  # noqa: E402

COUNT, FEATURES, FACTORS, CLASSES = 400, 16, 5, 10


def main():
    random = numpy.random.default_rng(0)
    spread = random.normal(size=(FACTORS, FEATURES))

    def features(scale, shift):
        """Bent sheets of few directions, in three heaps, and no two directions alike."""
        heap = random.integers(3, size=(COUNT, 1)) - 1
        x = numpy.maximum(scale * random.normal(size=(COUNT, FACTORS)) @ spread + 2 * heap * spread[0] + shift, 0)
        return torch.from_numpy((x + 0.1 * random.normal(size=x.shape)).astype(numpy.float32))

    real, generated = features(1, 0), features(0.9, 0.2)
    logits = torch.from_numpy((3 * random.normal(size=(COUNT, CLASSES))).astype(numpy.float32))
    precision, recall = fidelity.precision_recall(real, generated)
    score, deviation = fidelity.inception_score(logits)
    figures = {"frechet_distance": fidelity.frechet(real, generated), "kernel_distance": fidelity.kernel(real, generated, 1, COUNT),
               "precision": precision, "recall": recall, "inception_score": score, "inception_score_deviation": deviation}
    tensors = {"real": real.numpy(), "generated": generated.numpy(), "logits": logits.numpy()}
    header, data = {"__metadata__": {name: repr(value) for name, value in figures.items()}}, b""
    for name, values in tensors.items():
        header[name] = {"dtype": "F32", "shape": values.shape, "data_offsets": [len(data), len(data) + values.nbytes]}
        data += values.tobytes()
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    (HERE / "features.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + data)
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
