"""torch-fidelity's metrics as functions of features. It imports torchvision, whose wheel is built for the CUDA build of
PyTorch: beside the CPU build its operators do not load, and its import ends where it describes them. These metrics use
none of them, so they are declared here where they are missing."""
import torch

try:
    import torchvision  # noqa: F401
except RuntimeError:
    for name in ("nms", "qnms"):
        torch.library.define(f"torchvision::{name}", "(Tensor boxes, Tensor scores, float threshold) -> Tensor")

from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric
from torch_fidelity.metric_isc import isc_features_to_metric
from torch_fidelity.metric_kid import kid_features_to_metric
from torch_fidelity.metric_prc import prc_features_to_metric


def frechet(real, generated):
    statistics = [fid_features_to_statistics(features) for features in (generated, real)]
    return fid_statistics_to_metric(*statistics, verbose=False)["frechet_inception_distance"]


def precision_recall(real, generated):
    """Three neighbours, as in the paper and by default."""
    found = prc_features_to_metric(generated, real, verbose=False)
    return found["precision"], found["recall"]


def kernel(real, generated, subsets, subset_size):
    found = kid_features_to_metric(generated, real, kid_subsets=subsets, kid_subset_size=subset_size, verbose=False)
    return found["kernel_inception_distance_mean"]


def inception_score(logits):
    """Of ten parts, in the order of the images."""
    found = isc_features_to_metric(logits, splits=10, shuffle=False)
    return found["inception_score_mean"], found["inception_score_std"]
