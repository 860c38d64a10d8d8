"""The generative adversarial network of figment/models/gan, network = conv, as one would write it in PyTorch; bench.py
compares the number of parameters and the losses with ours."""
import torch
from torch import nn
from torch.nn import functional as F

import peer_way

LATENT = 64


class Generator(nn.Module):
    """A dense layer to 128 maps of 4x4, three transposed 4x4 convolutions of stride 2, batch norm and ReLU between them."""

    def __init__(self):
        super().__init__()
        self.dense = nn.Linear(LATENT, 128 * 16)
        self.stages = nn.ModuleList([nn.ConvTranspose2d(128, 64, 4, 2, 1, bias=False),
                                     nn.ConvTranspose2d(64, 32, 4, 2, 1, bias=False), nn.ConvTranspose2d(32, 1, 4, 2, 1)])
        self.norms = nn.ModuleList([nn.BatchNorm2d(128), nn.BatchNorm2d(64), nn.BatchNorm2d(32)])

    def forward(self, z):
        x = self.dense(z).view(-1, 128, 4, 4)
        for norm, stage in zip(self.norms, self.stages):
            x = stage(F.relu(norm(x)))
        return torch.tanh(x[:, :, 2:30, 2:30])


class Discriminator(nn.Module):
    """Its mirror image with leaky ReLU and without batch norm; the image is framed with black."""

    def __init__(self):
        super().__init__()
        self.stages = nn.ModuleList([nn.Conv2d(1, 32, 4, 2, 1), nn.Conv2d(32, 64, 4, 2, 1), nn.Conv2d(64, 128, 4, 2, 1)])
        self.out = nn.Linear(128 * 16, 1)

    def forward(self, x):
        x = F.pad(x, (2, 2, 2, 2), value=-1)
        for stage in self.stages:
            x = F.leaky_relu(stage(x), 0.2)
        return self.out(x.flatten(1)).squeeze(1).float()


def discriminator_loss(generator, discriminator, x, z):
    with torch.no_grad():
        made = generator(z)
    return F.softplus(-discriminator(x)).mean() + F.softplus(discriminator(made)).mean(),


def discriminator_loss_with_r1(generator, discriminator, x, z):
    """R1 with gamma 1."""
    with torch.no_grad():
        made = generator(z)
    x = x.detach().requires_grad_()
    real = discriminator(x)
    slope, = torch.autograd.grad(real.sum(), x, create_graph=True)
    return F.softplus(-real).mean() + F.softplus(discriminator(made)).mean() + slope.square().flatten(1).sum(1).mean() / 2,


def generator_loss(generator, discriminator, z):
    return F.softplus(-discriminator(generator(z))).mean(),


class Training:
    """The discriminator's step, then the generator's, each with noise of its own."""
    batch = 64

    def __init__(self, way, r1=False):
        self.model = nn.ModuleList([Generator(), Discriminator()]).to(memory_format=way.layout)
        self.generator, self.discriminator = (
            peer_way.Minimizer(way, loss, part.parameters(), lr=1e-4, betas=(0.0, 0.99))
            for loss, part in zip([generator_loss, discriminator_loss_with_r1 if r1 else discriminator_loss], self.model))

    def noise(self):
        return torch.randn(self.batch, LATENT)

    def draw(self, grey):
        return grey * 2 - 1, self.noise(), self.noise()

    def given(self, x):
        return x, self.noise(), self.noise()

    def step(self, x, first_noise, second_noise):
        return [*self.discriminator.step(*self.model, x, first_noise), *self.generator.step(*self.model, second_noise)]
