"""Files that the PyTorch workers read: Fashion-MNIST and the tensors that our training worker leaves for comparison."""
import gzip
import json

import numpy
import torch

FASHION_MNIST = "/usr/share/datasets/fashion-mnist"


def fashion_mnist():
    """Training images as bytes, [60000,1,28,28], and labels."""
    def read(name, header):
        with gzip.open(f"{FASHION_MNIST}/train-{name}-ubyte.gz") as file:
            return torch.from_numpy(numpy.frombuffer(file.read(), numpy.uint8, offset=header).copy())
    return read("images-idx3", 16).view(-1, 1, 28, 28), read("labels-idx1", 8).long()


def batches(size, *tensors):
    """Endless, shuffled, full: of each tensor the rows of a batch, by one gather from memory, which is the least that PyTorch
    can do for them."""
    while True:
        for rows in torch.randperm(len(tensors[0])).split(size):
            if len(rows) == size:
                yield [tensor.index_select(0, rows) for tensor in tensors]


def tensors(path):
    """Float tensors of a safetensors file, by name."""
    with open(path, "rb") as file:
        data = file.read()
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    header.pop("__metadata__", None)
    return {name: torch.from_numpy(numpy.frombuffer(data, numpy.float32, (entry["data_offsets"][1] - entry["data_offsets"][0]) // 4,
                                                    start + entry["data_offsets"][0]).reshape(entry["shape"]).copy())
            for name, entry in header.items()}
