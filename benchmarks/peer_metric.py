"""torch-fidelity's figures of the same features: the peer of metric_worker.cpp. `peer_metric.py WHAT FILE`, WHAT as there."""
import sys

import torch

import fidelity
import peer_data
import worker

FEW = 32


def main():
    what, path = sys.argv[1:]
    torch.set_num_threads(1)
    given = peer_data.tensors(path)
    real, generated = given["real"], given["generated"]

    def figures(real, generated):
        return [fidelity.frechet(real, generated)] if what == "frechet" else fidelity.precision_recall(real, generated)

    def run(times):
        for _ in range(times):
            values = figures(real, generated)
        return values[0]

    figures(real[:FEW], generated[:FEW])  # loads the code: what is added then is its own
    worker.serve({"parameters": real.shape[1]}, run, lambda *_: list(figures(real, generated)))


if __name__ == "__main__":
    main()
