"""Draws one image from stored weights and writes it: the peer of `figment sample RUN -n 1 -o FILE`.

  peer_sample.py WEIGHTS OUT      peer_sample.py --init WEIGHTS   writes weights to draw from
"""
import sys

import torch

import peer_model


def main():
    if sys.argv[1] == "--init":
        torch.save(peer_model.ConvVae().state_dict(), sys.argv[2])
        return
    from PIL import Image
    weights, out = sys.argv[1:]
    model = peer_model.ConvVae()
    model.load_state_dict(torch.load(weights))
    torch.manual_seed(0)
    pixels = (peer_model.sample(model, 1)[0, 0] * 255).round().to(torch.uint8)
    Image.fromarray(pixels.numpy()).save(out)


if __name__ == "__main__":
    main()
