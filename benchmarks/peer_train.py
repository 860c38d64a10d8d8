"""Trains a network in PyTorch: the peer of train_worker.cpp. Data lies in memory as bytes and a batch is one gather, which is
the least that PyTorch can do for it."""
import argparse

import torch

import peer_data
import peer_gan
import peer_model
import worker

TRAININGS = {"dense": lambda *how: peer_model.Training("dense", *how), "conv": lambda *how: peer_model.Training("conv", *how),
             "gan": peer_gan.Training, "gan_r1": lambda *how: peer_gan.Training(*how, r1=True)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--network", choices=TRAININGS, required=True)
    parser.add_argument("--mode", choices=["default", "eager", "compile"], required=True)
    parser.add_argument("--channels-last", action="store_true")
    parser.add_argument("--threads", type=int, default=0, help="0: PyTorch's own choice")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    images = peer_data.fashion_mnist()[0]
    layout = torch.channels_last if options.channels_last else torch.contiguous_format
    training = TRAININGS[options.network](options.mode, layout)
    parameters = list(training.model.parameters())

    def batches():
        while True:
            for rows in torch.randperm(len(images)).split(training.batch):
                if len(rows) == training.batch:
                    yield (images[rows].float() / 255).contiguous(memory_format=layout)

    def losses(count, path):
        given = peer_data.tensors(path)
        with torch.no_grad():
            for i, parameter in enumerate(parameters):
                parameter.copy_(given[f"parameter.{i:03}"])
        torch.manual_seed(1)
        values = []
        for i in range(count):
            values += training.step(*training.given(given[f"batch.{i:03}"].contiguous(memory_format=layout)))
        return values

    source = batches()

    def run(count):
        for _ in range(count):
            values = training.step(*training.draw(next(source)))
        return values[0]

    worker.serve({"parameters": sum(p.numel() for p in parameters)}, run, losses)


if __name__ == "__main__":
    main()
