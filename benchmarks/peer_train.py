"""Trains a network in PyTorch: the peer of train_worker.cpp. Data lies in memory as bytes and a batch is one gather."""
import argparse

import torch

import peer_data
import peer_gan
import peer_model
import peer_vq_vae
import peer_way
import worker

TRAININGS = {"dense": lambda way: peer_model.Training("dense", way), "conv": lambda way: peer_model.Training("conv", way),
             "gan": peer_gan.Training, "gan_r1": lambda way: peer_gan.Training(way, r1=True), "vq_vae": peer_vq_vae.Training}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--network", choices=TRAININGS, required=True)
    parser.add_argument("--mode", choices=["default", "eager", "compile"], required=True)
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    parser.add_argument("--channels-last", action="store_true")
    parser.add_argument("--threads", type=int, default=0, help="0: PyTorch's own choice")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    images = peer_data.fashion_mnist()[0]
    layout = torch.channels_last if options.channels_last else torch.contiguous_format
    training = TRAININGS[options.network](peer_way.Way(options.mode, layout, options.precision == "bf16"))
    parameters = list(training.model.parameters())

    def losses(count, path):
        given = peer_data.tensors(path)
        with torch.no_grad():
            for i, parameter in enumerate(parameters):
                parameter.copy_(given[f"parameter.{i:03}"])
            for name, buffer in training.model.named_buffers():  # those that have our names: what else a step starts from
                if (given_too := given.get(f"buffer.{name}")) is not None:
                    buffer.copy_(given_too)
        torch.manual_seed(1)
        values = []
        for i in range(count):
            values += training.step(*training.given(given[f"batch.{i:03}"].contiguous(memory_format=layout)))
        return values

    source = peer_data.batches(training.batch, images)

    def run(count):
        for _ in range(count):
            x, = next(source)
            values = training.step(*training.draw((x.float() / 255).contiguous(memory_format=layout)))
        return values[0]

    worker.serve({"parameters": sum(p.numel() for p in parameters)}, run, losses)


if __name__ == "__main__":
    main()
