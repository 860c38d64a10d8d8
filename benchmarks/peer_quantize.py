"""Nearest codes as programs in PyTorch find them: all squared distances by their expansion, argmin, a gather. The peer of
quantize_worker.cpp: `peer_quantize.py K N`."""
import sys

import torch

import peer_data
import worker

SIZE = 64
FEW = 16


def nearest(z, codebook):
    distance = z.square().sum(1, keepdim=True) - 2 * z @ codebook.t() + codebook.square().sum(1)
    return distance.argmin(1)


def main():
    k, n = map(int, sys.argv[1:])
    torch.set_num_threads(1)
    torch.manual_seed(1)
    given = {"z": torch.randn(n, SIZE), "codebook": torch.randn(k, SIZE)}

    def losses(steps, path):
        given.update(peer_data.tensors(path))
        return [part.double().mean().item() for part in nearest(given["z"], given["codebook"]).chunk(steps)]

    def search(z):
        return torch.nn.functional.embedding(nearest(z, given["codebook"]), given["codebook"]).sum().item()

    def run(times):
        for _ in range(times):
            value = search(given["z"])
        return value

    with torch.no_grad():
        search(given["z"][:FEW])  # loads the code: what the first whole search adds to the memory is its own
        worker.serve({"parameters": k * SIZE}, run, losses)


if __name__ == "__main__":
    main()
