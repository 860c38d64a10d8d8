"""The variational autoencoders of figment/models/vae as one would write them in PyTorch; bench.py compares the number of
parameters and the losses with ours."""
import torch
from torch import nn
from torch.nn import functional as F

import peer_way


class DenseVae(nn.Module):
    """784-512-40, ReLU."""

    def __init__(self, latent=40, hidden=512):
        super().__init__()
        self.encoder = nn.Sequential(nn.Flatten(), nn.Linear(784, hidden), nn.ReLU(), nn.Linear(hidden, 2 * latent))
        self.decoder = nn.Sequential(nn.Linear(latent, hidden), nn.ReLU(), nn.Linear(hidden, 784), nn.Unflatten(1, (1, 28, 28)))
        self.latent = latent


class ConvVae(nn.Module):
    """Two 4x4 convolutions of stride 2 (32, 64 channels) and a layer of 256, SiLU; mirrored, the last stage a pixel shuffle."""

    def __init__(self, latent=40):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 32, 4, 2, 1), nn.SiLU(), nn.Conv2d(32, 64, 4, 2, 1), nn.SiLU(),
            nn.Flatten(), nn.Linear(64 * 49, 256), nn.SiLU(), nn.Linear(256, 2 * latent))
        self.decoder = nn.Sequential(
            nn.Linear(latent, 256), nn.SiLU(), nn.Linear(256, 64 * 49), nn.SiLU(), nn.Unflatten(1, (64, 7, 7)),
            nn.ConvTranspose2d(64, 32, 4, 2, 1), nn.SiLU(), nn.Conv2d(32, 4, 3, 1, 1), nn.PixelShuffle(2))
        self.latent = latent


NETWORKS = {"dense": DenseVae, "conv": ConvVae}


def draw(model, grey):
    """What a step draws: binary pixels of probability `grey` ([N,1,H,W] in [0,1]), and the noise of the codes."""
    return torch.bernoulli(grey), torch.randn(len(grey), model.latent)


def loss(model, x, noise):
    """Negative evidence bound in nats, summed over an image, mean over images. Noise is drawn outside, so that a compiled
    loss gets the same; drawn inside, the compiled one is also slower."""
    mean, log_variance = model.encoder(x).float().chunk(2, 1)
    z = mean + (log_variance / 2).exp() * noise
    reconstruction = F.binary_cross_entropy_with_logits(model.decoder(z).float(), x, reduction="sum") / len(x)
    kl = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum() / len(x)
    return reconstruction + kl,


class Training:
    batch = 128

    def __init__(self, network, way):
        self.model = NETWORKS[network]().to(memory_format=way.layout)
        self.minimizer = peer_way.Minimizer(way, loss, self.model.parameters(), lr=1e-3)

    def draw(self, grey):
        return draw(self.model, grey)

    def given(self, x):
        """The images are black and white, so that nothing depends on how a side draws binary pixels; but ours draws the
        key of its own generator."""
        torch.randint(2**63 - 1, (1,))
        return (x + 1) / 2, torch.randn(len(x), self.model.latent)

    def step(self, x, noise):
        return list(self.minimizer.step(self.model, x, noise))


def sample(model, count):
    """[count,1,H,W] in [0,1]: the means of the pixels."""
    with torch.inference_mode():
        return model.decoder(torch.randn(count, model.latent)).sigmoid()
