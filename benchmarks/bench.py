#!/usr/bin/env python3
"""Compares figment with PyTorch on this machine, in one run. README.md beside this file says how to read what it prints."""
import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import time

import report
import training_cases
from measuring import BUILD, CALM, HERE, KEEPS_MEMORY, SCRATCH, Cost, Worker, busy_cores, expect_same, fastest, in_turns, use_two_cores

EPOCHS = 5   # of a training on a folder of pictures: most have more
FEWEST = 5   # rounds that say how fast something is
CHUNK_SCORES = (1 << 18, 1 << 20, 1 << 22)  # of vectors with codes, in fp32: 1, 4 and 16 MiB


def compare_quantizing(report, rounds, codes, vectors):
    """Time, and the memory that the first search takes beside vectors and codebook, which are there before."""
    name, peer = f"quantize/k{codes}_n{vectors}", [sys.executable, HERE / "peer_quantize.py", codes, vectors]
    with contextlib.ExitStack() as stack:
        start = stack.enter_context
        us, plain = start(Worker("figment", [BUILD / "quantize_worker", codes, vectors])), start(Worker("pytorch-plain", peer))
        best = [start(Worker("pytorch-best", [*peer, scores // codes], environment=KEEPS_MEMORY, way=f"chunks of {scores // codes}"))
                for scores in CHUNK_SCORES]
        extra = {worker: [worker.added_bytes() / 2**20] for worker in (us, plain, *best)}
        given = SCRATCH / "quantize.safetensors"
        expected = us.losses(given)
        for worker in (plain, *best):
            expect_same(us, worker, given, expected, 1e-3)  # near ties may be decided otherwise in fp32
        best = fastest(best, "cpu")
        costs = in_turns(rounds, [us, best, plain])
        milliseconds = {worker: [1e3 * cost.cpu for cost in costs[worker]] for worker in costs}
        for suffix, unit, values in (("", "ms CPU", milliseconds), ("/memory", "MiB", extra)):
            report.add(name + suffix, unit, values[us], best=(best.name, values[best], best.way), default=(plain.name, values[plain]))


def quantize_small(report, rounds):
    compare_quantizing(report, rounds, 512, 16384)


def quantize_large(report, rounds):
    compare_quantizing(report, rounds, 8192, 65536)


def compare_metric(report, rounds, name, what):
    """Time from features to the figure, and the memory that it takes beside the features."""
    given = SCRATCH / "features.safetensors"
    subprocess.run([BUILD / "metric_worker", "write", given], check=True)
    with Worker("figment", [BUILD / "metric_worker", what, given]) as us, \
         Worker("torch-fidelity", [sys.executable, HERE / "peer_metric.py", what, given]) as them:
        extra = [[worker.added_bytes() / 2**20] for worker in (us, them)]
        expect_same(us, them, given, us.losses(given), 1e-3)
        costs = in_turns(rounds, [us, them])
        ours, theirs = ([cost.cpu for cost in costs[worker]] for worker in (us, them))
        report.add(name, "s CPU", ours, default=(them.name, theirs))
        report.add(name + "/memory", "MiB", extra[0], default=(them.name, extra[1]))


def metric_precision_recall(report, rounds):
    compare_metric(report, rounds, "metric/precision_recall_10k", "precision_recall")


def metric_frechet(report, rounds):
    compare_metric(report, rounds, "metric/frechet_2048", "frechet")


def compare_loading(report, rounds, name, our_words, default, best=None):
    """default, best: words of peer_load.py."""
    peers = {"best": ("pytorch-best", best, KEEPS_MEMORY)} if best else {}
    peers["default"] = ("pytorch-dataloader", default, {})
    with contextlib.ExitStack() as stack:
        us = stack.enter_context(Worker("figment", [BUILD / "load_worker", *our_words]))
        them = {kind: stack.enter_context(Worker(peer, [sys.executable, HERE / "peer_load.py", *words], environment=environment))
                for kind, (peer, words, environment) in peers.items()}
        costs = in_turns(rounds, [us, *them.values()])
        values = {worker: [1e6 * cost.cpu / worker.facts["images"] for cost in costs[worker]] for worker in costs}
        report.add(name, "us CPU an image", values[us], **{kind: (worker.name, values[worker]) for kind, worker in them.items()})


def load_fashion_mnist(report, rounds):
    compare_loading(report, rounds, "load/fashion_mnist", ["batches", "data.source=fashion-mnist"], [], ["--gather"])


def load_jpeg_folder(report, rounds):
    import jpeg_folder
    folder = SCRATCH / "jpegs"
    jpeg_folder.make(folder)
    for passes, suffix in ((EPOCHS, ""), (1, "/first_epoch")):
        compare_loading(report, rounds, "load/jpeg_folder" + suffix,
                        [passes, f"data.source={folder}", f"data.size={jpeg_folder.SIZE}", "data.channels=3", "data.validation=0"],
                        ["--folder", folder, "--size", jpeg_folder.SIZE, "--passes", passes])


def first_sample(command, out):
    """Wall and CPU time from the start of a process to its end, the picture being on disk."""
    out.unlink(missing_ok=True)
    start = time.perf_counter()
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0 or not out.exists():
        raise SystemExit(f"bench: no picture from {command}")
    return Cost(usage.ru_utime + usage.ru_stime, wall)


def startup_first_sample(report, rounds):
    runs, weights, out = SCRATCH / "runs", SCRATCH / "conv.pt", SCRATCH / "sample.png"
    shutil.rmtree(runs, ignore_errors=True)  # one of an earlier build may be of another form
    subprocess.run([BUILD / "figment", "train", "vae", "--set", "training.images=2000", "--out", runs], check=True,
                       stdout=subprocess.DEVNULL)
    subprocess.run([sys.executable, HERE / "peer_sample.py", "--init", weights], check=True)
    commands = [[BUILD / "figment", "sample", "last", "--out", runs, "-n", "1", "-o", out],
                [sys.executable, HERE / "peer_sample.py", weights, out]]
    costs = [[], []]
    for i in range(rounds + 1):
        for side, command in enumerate(commands):
            costs[side].append(first_sample(command, out))
    for suffix, kind in (("", "wall"), ("/cpu", "cpu")):
        # the first round fills the page cache
        ours, theirs = ([1e3 * getattr(cost, kind) for cost in side[1:]] for side in costs)
        report.add("startup/first_sample" + suffix, f"ms {kind if kind == 'wall' else 'CPU'}", ours, default=("pytorch-default", theirs))


def sample_pixel_cnn(report, rounds, what, name, batch):
    """A batch with our caches against plain PyTorch, which runs the network over the whole images for each place; and the
    number of our own network's forward passes over whole images that a batch costs."""
    given = SCRATCH / f"pixel_cnn_{what}.safetensors"
    subprocess.run([BUILD / "sample_worker", "write", what, given], check=True)
    with Worker("figment", [BUILD / "sample_worker", "draw", what, batch]) as us, \
         Worker("figment-forward", [BUILD / "sample_worker", "forward", what, batch]) as forward, \
         Worker("pytorch-plain", [sys.executable, HERE / "peer_pixel_cnn.py", given, batch]) as plain:
        costs = in_turns(rounds, [us, forward, plain])
        ours, passes = ([1e3 * cost.cpu for cost in costs[worker]] for worker in (us, forward))
        theirs = [1e3 * cost.cpu * plain.facts["places"] for cost in costs[plain]]
        report.add(f"sample/pixel_cnn_{name}_b{batch}", "ms CPU a batch", ours, default=("pytorch-plain", theirs))
        if what == "pixels":
            report.add(f"sample/forward_passes_b{batch}", "ms CPU a pass", passes, best=("limit", ours))


def sample_pixel_cnn_b1(report, rounds):
    sample_pixel_cnn(report, rounds, "pixels", "28x28", 1)


def sample_pixel_cnn_b16(report, rounds):
    sample_pixel_cnn(report, rounds, "pixels", "28x28", 16)


def sample_pixel_cnn_codes(report, rounds):
    sample_pixel_cnn(report, rounds, "codes", "7x7", 16)


CASES = {**training_cases.CASES,
         "load/fashion_mnist": load_fashion_mnist, "load/jpeg_folder": load_jpeg_folder,
         "quantize/k512_n16384": quantize_small, "quantize/k8192_n65536": quantize_large,
         "metric/precision_recall_10k": metric_precision_recall, "metric/frechet_2048": metric_frechet,
         "startup/first_sample": startup_first_sample,
         "sample/pixel_cnn_28x28_b1": sample_pixel_cnn_b1, "sample/pixel_cnn_28x28_b16": sample_pixel_cnn_b16,
         "sample/pixel_cnn_7x7_b16": sample_pixel_cnn_codes}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", metavar="NAME", action="append", choices=CASES, help="one case; may be given again")
    parser.add_argument("--rounds", type=int, default=7, help="turns of each worker (default: %(default)s)")
    parser.add_argument("--keep", action="store_true", help="keep what is measured for this kind of processor, and its table in README.md")
    parser.add_argument("--check", action="store_true",
                        help="nothing is measured: does README.md say what is kept? Exit status 1 if not")
    options = parser.parse_args()
    if options.check:
        return report.check()
    if options.keep and (options.only or options.rounds < FEWEST):
        parser.error(f"what is kept is of all cases, and of {FEWEST} rounds at least")
    if options.rounds < FEWEST:
        print(f"bench: fewer than {FEWEST} rounds show that it runs, not how fast", file=sys.stderr)
    SCRATCH.mkdir(parents=True, exist_ok=True)
    use_two_cores()
    if (busy := busy_cores()) > CALM:
        print(f"bench: others use {busy:.2f} cores: CPU times are usable, the wall time of startup is not", file=sys.stderr)
    measured = report.Report()
    for name in options.only or CASES:
        CASES[name](measured, options.rounds)
    if options.keep:
        measured.keep()
    return 0


if __name__ == "__main__":
    sys.exit(main())
