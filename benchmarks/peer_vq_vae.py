"""The vector-quantised autoencoder of figment/models/vq_vae, as its recipe has it, written in PyTorch; bench.py compares the
number of parameters and the losses with ours. What is searched, counted and moved is written as well as PyTorch allows: one
`addmm` for the search, `bincount` and `index_add_` for the codebook."""
import torch
from torch import nn
from torch.nn import functional as F

import peer_way

STEM, WIDTH, RESIDUAL, BLOCKS = 32, 128, 64, 2
CODES, SIZE = 256, 32
COMMITMENT, DECAY, REVIVE_BELOW, EPSILON = 0.25, 0.99, 0.2, 1e-5


class ResidualStack(nn.Module):
    def __init__(self):
        super().__init__()
        self.wide = nn.ModuleList(nn.Conv2d(WIDTH, RESIDUAL, 3, 1, 1) for _ in range(BLOCKS))
        self.narrow = nn.ModuleList(nn.Conv2d(RESIDUAL, WIDTH, 1) for _ in range(BLOCKS))

    def forward(self, x):
        for wide, narrow in zip(self.wide, self.narrow):
            x = x + narrow(F.relu(wide(F.relu(x))))
        return F.relu(x)


class Encoder(nn.Module):
    """Two 4x4 convolutions of stride 2, the residual blocks, a 1x1 convolution to the size of a code."""

    def __init__(self):
        super().__init__()
        self.stages = nn.Sequential(nn.Conv2d(1, STEM, 4, 2, 1), nn.ReLU(), nn.Conv2d(STEM, WIDTH, 4, 2, 1))
        self.blocks = ResidualStack()
        self.code = nn.Conv2d(WIDTH, SIZE, 1)

    def forward(self, x):
        return self.code(self.blocks(self.stages(x)))


class Decoder(nn.Module):
    """Its mirror image; the last stage a pixel shuffle."""

    def __init__(self):
        super().__init__()
        self.code = nn.Conv2d(SIZE, WIDTH, 3, 1, 1)
        self.blocks = ResidualStack()
        self.stages = nn.Sequential(nn.ConvTranspose2d(WIDTH, STEM, 4, 2, 1), nn.ReLU())
        self.pixels = nn.Conv2d(STEM, 4, 3, 1, 1)

    def forward(self, z):
        return F.pixel_shuffle(self.pixels(self.stages(self.blocks(self.code(z)))), 2)


class Head(nn.Module):
    """Squared error on [0,1], as a share of the variance of the data."""

    def __init__(self):
        super().__init__()
        self.register_buffer("variance", torch.ones(()))

    def forward(self, output, x):
        return F.mse_loss(output.float() / 2, x / 2) / self.variance


class Quantizer(nn.Module):
    """A codebook that follows moving averages; a code that is rarely chosen is moved to a vector of the batch."""

    def __init__(self):
        super().__init__()
        self.register_buffer("codebook", torch.randn(CODES, SIZE))
        self.register_buffer("sums", self.codebook.clone())
        self.register_buffer("hits", torch.ones(CODES))

    def forward(self, z):
        """z [N,D,h,w]: what the decoder gets, the commitment loss, and for `follow` the vectors [M,D] and their codes [M]."""
        rows = z.float().permute(0, 2, 3, 1).reshape(-1, SIZE)
        with torch.no_grad():
            half_square = self.codebook.square().sum(1) / 2
            with torch.autocast("cpu", enabled=False):
                code = torch.addmm(half_square, rows, self.codebook.t(), alpha=-1).argmin(1)
            chosen = self.codebook.index_select(0, code)
        passed = rows + (chosen - rows).detach()
        passed = passed.view(len(z), z.shape[2], z.shape[3], SIZE).permute(0, 3, 1, 2)
        return passed, F.mse_loss(rows, chosen), rows.detach(), code

    @torch.no_grad()
    def follow(self, rows, code):
        self.hits.lerp_(torch.bincount(code, minlength=CODES).float(), 1 - DECAY)
        self.sums.lerp_(torch.zeros_like(self.sums).index_add_(0, code, rows), 1 - DECAY)
        total = self.hits.sum()
        smoothed = (self.hits + EPSILON) / (total + CODES * EPSILON) * total
        self.codebook.copy_(self.sums / smoothed.unsqueeze(1))
        least = REVIVE_BELOW * self.hits.mean().item()
        dead = (self.hits < least).nonzero().flatten()
        if len(dead) > 0:
            vectors = rows.index_select(0, torch.randint(len(rows), (len(dead),)))
            self.codebook.index_copy_(0, dead, vectors)
            self.hits.index_fill_(0, dead, least)
            self.sums.index_copy_(0, dead, vectors * least)


class VqVae(nn.Module):
    def __init__(self):
        super().__init__()
        self.head, self.quantizer, self.encoder, self.decoder = Head(), Quantizer(), Encoder(), Decoder()

    def forward(self, x):
        quantized, commitment, rows, code = self.quantizer(self.encoder(x))
        return self.head(self.decoder(quantized), x) + COMMITMENT * commitment, rows, code


def loss(model, x):
    return model(x)


class Training:
    batch = 128

    def __init__(self, way):
        self.model = VqVae().to(memory_format=way.layout)
        self.minimizer = peer_way.Minimizer(way, loss, self.model.parameters(), lr=1e-4)

    def draw(self, grey):
        return grey * 2 - 1,

    def given(self, x):
        return x,

    def step(self, x):
        value, rows, code = self.minimizer.step(self.model, x)
        self.model.quantizer.follow(rows, code)
        return [value]
