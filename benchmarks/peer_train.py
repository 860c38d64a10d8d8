"""Trains a variational autoencoder in PyTorch: the peer of train_worker.cpp. Data lies in memory as bytes and a batch is one
gather, which is the least that PyTorch can do for it."""
import argparse

import torch

import peer_data
import peer_model
import worker

BATCH = 128


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--network", choices=peer_model.NETWORKS, required=True)
    parser.add_argument("--mode", choices=["default", "eager", "compile"], required=True)
    parser.add_argument("--channels-last", action="store_true")
    parser.add_argument("--threads", type=int, default=0, help="0: PyTorch's own choice")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    images = peer_data.fashion_mnist()[0]
    model = peer_model.NETWORKS[options.network]()
    layout = torch.channels_last if options.channels_last else torch.contiguous_format
    model = model.to(memory_format=layout)
    fused = {} if options.mode == "default" else {"fused": True}
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, **fused)
    objective = peer_model.loss
    if options.mode == "compile":
        objective = torch.compile(objective, dynamic=False)

    def step(x, noise):
        value = objective(model, x, noise)
        optimizer.zero_grad(set_to_none=True)
        value.backward()
        optimizer.step()
        return value.item()

    def batches():
        while True:
            for rows in torch.randperm(len(images)).split(BATCH):
                if len(rows) == BATCH:
                    yield (images[rows].float() / 255).contiguous(memory_format=layout)

    def losses(count, path):
        given = peer_data.tensors(path)
        with torch.no_grad():
            for i, parameter in enumerate(model.parameters()):
                parameter.copy_(given[f"parameter.{i:03}"])
        torch.manual_seed(1)
        values = []
        for i in range(count):  # the images are black and white, so that nothing depends on how a side draws binary pixels;
            torch.randint(2**63 - 1, (1,))  # but ours draws the key of its own generator
            x = ((given[f"batch.{i:03}"] + 1) / 2).contiguous(memory_format=layout)
            values.append(step(x, torch.randn(len(x), model.latent)))
        return values

    source = batches()

    def run(count):
        for _ in range(count):
            value = step(*peer_model.draw(model, next(source)))
        return value

    worker.serve({"parameters": sum(p.numel() for p in model.parameters())}, run, losses)


if __name__ == "__main__":
    main()
