"""Loads images the way most PyTorch programs do: a Dataset of single examples, a DataLoader that stacks them. With --gather
as those do that know that theirs lie in memory: the rows of a batch at once."""
import argparse
import pathlib

import numpy
import torch
from PIL import Image, ImageOps
from torch.utils.data import DataLoader, Dataset

import peer_data
import worker

BATCH = 128


class FashionMnist(Dataset):
    def __init__(self):
        self.images, self.labels = peer_data.fashion_mnist()

    def __len__(self):
        return len(self.images)

    def __getitem__(self, i):
        return self.images[i].float() / 127.5 - 1, self.labels[i]


class ImageFolder(Dataset):
    def __init__(self, folder, size):
        names = sorted(p.name for p in pathlib.Path(folder).iterdir() if p.is_dir())
        self.files = [(path, label) for label, name in enumerate(names) for path in sorted(pathlib.Path(folder, name).iterdir())]
        self.size = size

    def __len__(self):
        return len(self.files)

    def __getitem__(self, i):
        path, label = self.files[i]
        with Image.open(path) as file:
            image = ImageOps.fit(file.convert("RGB"), (self.size, self.size), Image.Resampling.BILINEAR)
        return torch.from_numpy(numpy.array(image)).permute(2, 0, 1).float() / 127.5 - 1, label


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", help="of folders of images; none: Fashion-MNIST")
    parser.add_argument("--gather", action="store_true", help="of Fashion-MNIST: batches by one gather")
    parser.add_argument("--size", type=int)
    parser.add_argument("--passes", type=int)
    options = parser.parse_args()
    torch.set_num_threads(1)

    def endless(dataset):
        while True:
            yield from DataLoader(dataset, batch_size=BATCH, shuffle=True, drop_last=True)

    def gathered(images, labels):
        for bytes_of_images, label in peer_data.batches(BATCH, images, labels):
            yield bytes_of_images.float().mul_(1 / 127.5).sub_(1), label

    if options.folder:  # a unit is so many passes over the folder
        images = options.passes * len(ImageFolder(options.folder, options.size))

        def run(count):
            for _ in range(count):
                data = ImageFolder(options.folder, options.size)
                batches = DataLoader(data, batch_size=BATCH, shuffle=True)
                total = sum(x.mean().item() * len(x) for _ in range(options.passes) for x, label in batches)
            return total / images
    else:  # a unit is a batch
        images = BATCH
        source = gathered(*peer_data.fashion_mnist()) if options.gather else endless(FashionMnist())

        def run(count):
            for _ in range(count):
                x, label = next(source)
            return x.mean().item()

    worker.serve({"images": images}, run)


if __name__ == "__main__":
    main()
