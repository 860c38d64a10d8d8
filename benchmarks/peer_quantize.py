"""Nearest codes as programs in PyTorch find them, and a gather. The peer of quantize_worker.cpp: `peer_quantize.py K N` finds
all squared distances by their expansion and takes the least; `peer_quantize.py K N ROWS` goes through so many vectors at a
time, whose scores stay in the cache, and leaves out what is the same for all codes."""
import sys

import torch

import peer_data
import worker

SIZE = 64
FEW = 16


def nearest(z, codebook):
    distance = z.square().sum(1, keepdim=True) - 2 * z @ codebook.t() + codebook.square().sum(1)
    return distance.argmin(1)


def nearest_in_chunks(z, codebook, rows):
    half_square = codebook.square().sum(1) / 2
    return torch.cat([torch.addmm(half_square, part, codebook.t(), alpha=-1).argmin(1) for part in z.split(rows)])


def main():
    k, n, *rows = map(int, sys.argv[1:])
    torch.set_num_threads(1)
    torch.manual_seed(1)
    given = {"z": torch.randn(n, SIZE), "codebook": torch.randn(k, SIZE)}

    def codes(z):
        return nearest_in_chunks(z, given["codebook"], *rows) if rows else nearest(z, given["codebook"])

    def losses(steps, path):
        given.update(peer_data.tensors(path))
        return [part.double().mean().item() for part in codes(given["z"]).chunk(steps)]

    def search(z):
        return torch.nn.functional.embedding(codes(z), given["codebook"]).sum().item()

    def run(times):
        for _ in range(times):
            value = search(given["z"])
        return value

    with torch.no_grad():
        search(given["z"][:FEW])  # loads the code: what the first whole search adds to the memory is its own
        worker.serve({"parameters": k * SIZE}, run, losses)


if __name__ == "__main__":
    main()
