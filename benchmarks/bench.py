#!/usr/bin/env python3
"""Compares figment with PyTorch on this machine, in one run. README.md beside this file says how to read what it prints."""
import argparse
import dataclasses
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(os.environ.get("FIGMENT_BUILD", HERE.parent / "build"))
SCRATCH = BUILD / "bench"
RUN_SECONDS = 1.0    # CPU time of one turn, about
CHECKED_STEPS = 20   # losses that must agree before anything is timed
GAN_STEPS = 3        # fewer of two that play against each other: each answers the other's last digits
EPOCHS = 5           # of a training on a folder of pictures: most have more
BUSY_STEPS = 100     # of a turn beside a busy program: it comes and goes in the scheduler's slices
CALM = 0.05          # cores that others may use while wall time is measured

# What a step does must be the same on both sides: no schedule, no moving average, which the peers lack.
SAME_WORK = ["training.schedule=constant", "training.warm_up=0", "training.average_half_life=0"]
VAE = ["vae", "training.batch_size=128", "model.warm_up_images=0", "model.optimizer.learning_rate=1e-3"]
GAN = ["gan", "training.batch_size=64", "model.network=conv", "model.width=32", "model.stages=3", "model.latent=64",
       "model.generator.learning_rate=1e-4", "model.discriminator.learning_rate=1e-4"]
DENSE = ["model.network=dense", "model.hidden=[512]", "model.latent=40", "training.precision=fp32", "training.channels_last=false"]


@dataclasses.dataclass
class Cost:
    cpu: float
    wall: float


class Worker:
    """A process that speaks the protocol of worker.py."""

    def __init__(self, name, command, threads=1):
        self.name = name
        environment = dict(os.environ, TORCHINDUCTOR_CACHE_DIR=str(SCRATCH / "inductor"))
        for word in ("OMP_NUM_THREADS", "OMP_WAIT_POLICY", "GOMP_SPINCOUNT"):
            environment.pop(word, None)
        if threads:  # none: what the program itself decides
            environment["OMP_NUM_THREADS"] = str(threads)
        self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, env=environment)
        self.facts = json.loads(self.answer().removeprefix("ready "))
        self.units = 1

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"bench: {self.name} ended with exit code {self.process.wait()}: {' '.join(self.process.args)}")
        return line

    def ask(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        return self.answer()

    def run(self, units):
        cpu, wall, _ = map(float, self.ask(f"run {units}").split())
        return Cost(cpu / units, wall / units)

    def settle(self):
        """Warms up and chooses how many units make a turn."""
        cost = self.run(1)
        if cost.cpu < RUN_SECONDS:
            cost = self.run(4)
        self.units = max(1, round(RUN_SECONDS / max(cost.cpu, 1e-6)))

    def losses(self, path, steps=CHECKED_STEPS):
        return json.loads(self.ask(f"losses {steps} {path}"))

    def memory_bytes(self, kind):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return 1024 * int(status.split(kind + ":")[1].split()[0])

    def peak_bytes(self):
        return self.memory_bytes("VmHWM")

    def added_bytes(self):
        """What a first unit of work takes beside what is there before."""
        pathlib.Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")  # the peak starts from here
        before = self.memory_bytes("VmRSS")
        self.run(1)
        return self.peak_bytes() - before


def ours(model, *words, threads=1):
    return Worker("figment", [BUILD / "train_worker", *model, *SAME_WORK, f"training.threads={threads or 0}", *words], threads)


def theirs(network, mode, *words, threads=1):
    command = [sys.executable, HERE / "peer_train.py", "--network", network, "--mode", mode, "--threads", threads or 0, *words]
    return Worker(f"pytorch-{mode}", command, threads)


def in_turns(rounds, workers):
    """One turn each per round, in an order that rotates: {worker: [Cost]}."""
    costs = {worker: [] for worker in workers}
    for worker in workers:
        worker.settle()
    for i in range(rounds):
        first = i % len(workers)
        for worker in workers[first:] + workers[:first]:
            costs[worker].append(worker.run(worker.units))
    return costs


def busy_cores(seconds=1.0):
    """Cores in use on this machine, while the workers wait."""
    def used():
        user, nice, system, _, _, irq, softirq, steal = map(int, open("/proc/stat").readline().split()[1:9])
        return user + nice + system + irq + softirq + steal
    before = used()
    time.sleep(seconds)
    return (used() - before) / os.sysconf("SC_CLK_TCK") / seconds


class Report:
    """The rows of build/bench.json. The file is written anew after each case."""

    def __init__(self):
        self.rows = []

    def add(self, name, peer, our_values, their_values, unit):
        """Values of the same round stand at the same place; smaller is better."""
        our, their = statistics.median(our_values), statistics.median(their_values)
        by_round = sorted(t / o for o, t in zip(our_values, their_values))
        self.rows.append({"name": name, "peer": peer, "ratio": their / our, "ours": our, "theirs": their, "unit": unit})
        print(f"{name:32} {peer:19} {their / our:7.2f}   {by_round[0]:7.2f} to {by_round[-1]:.2f}".ljust(83),
              f"{our:10.4g} {their:10.4g}  {unit}", flush=True)
        (BUILD / "bench.json").write_text(json.dumps(self.rows, indent=1) + "\n")

    @staticmethod
    def header():
        print(f"{'name':32} {'peer':19} {'ratio':>7}   {'of single rounds':18}  {'ours':>10} {'theirs':>10}  unit")


def expect_same(reference, worker, given, mine, tolerance, steps=CHECKED_STEPS):
    """Same number of parameters; from the same weights, batches and noise, losses that agree."""
    if worker.facts["parameters"] != reference.facts["parameters"]:
        raise SystemExit(f"bench: {worker.name} has {worker.facts['parameters']} parameters, "
                         f"{reference.name} {reference.facts['parameters']}")
    for step, (a, b) in enumerate(zip(mine, worker.losses(given, steps), strict=True)):
        if not abs(a - b) <= tolerance * abs(a):
            raise SystemExit(f"bench: loss {step + 1} differs: {reference.name} {a}, {worker.name} {b}; not timed")


def best(costs, workers, measure):
    """Values per round of the fastest of these workers."""
    values = [[measure(cost) for cost in costs[worker]] for worker in workers]
    return min(values, key=statistics.median)


def compare_training(report, rounds, name, model, our_variants, peers, tolerance, steps=CHECKED_STEPS):
    """peers: {peer: [(network, mode, words)]}. The better variant of each side counts."""
    def workers(threads):
        us = [ours(model, *words, threads=threads) for words in our_variants]
        return us, {peer: [theirs(*words, threads=threads) for words in variants] for peer, variants in peers.items()}

    def milliseconds(kind, costs, us, them, suffix, unit):
        measure = lambda cost: 1e3 * getattr(cost, kind)
        for peer, variants in them.items():
            report.add(name + suffix, peer, best(costs, us, measure), best(costs, variants, measure), unit)

    us, them = workers(1)
    everyone = us + [worker for variants in them.values() for worker in variants]
    given = SCRATCH / "given.safetensors"
    expected = None
    for worker in us:
        losses = worker.losses(given, steps)
        expected = expected or losses
    for worker in everyone[len(us):]:
        expect_same(us[0], worker, given, expected, tolerance, steps)
    costs = in_turns(rounds, everyone)
    milliseconds("cpu", costs, us, them, "", "ms CPU a step")
    for worker in everyone:
        worker.__exit__()
    if (busy := busy_cores()) > CALM:
        print(f"  (wall time on two threads left out: others use {busy:.2f} cores)")
        return
    us, them = workers(2)
    everyone = us + [worker for variants in them.values() for worker in variants]
    costs = in_turns(rounds, everyone)
    milliseconds("wall", costs, us, them, "/two_threads", "ms wall a step")
    for worker in everyone:
        worker.__exit__()


LAYOUTS = [[], ["--channels-last"]]
OUR_LAYOUTS = [["training.precision=fp32", f"training.channels_last={last}"] for last in ("false", "true")]


def train_vae_dense(report, rounds):
    compare_training(report, rounds, "train/vae_dense", VAE, [DENSE],
                     {f"pytorch-{mode}": [("dense", mode)] for mode in ("eager", "compile")}, 1e-4)


def train_vae_conv(report, rounds):
    compare_training(report, rounds, "train/vae_conv", VAE, OUR_LAYOUTS,
                     {f"pytorch-{mode}": [("conv", mode, *words) for words in LAYOUTS] for mode in ("eager", "compile")}, 1e-4)


def train_vae_conv_default(report, rounds):
    compare_training(report, rounds, "train/vae_conv_default", VAE, [[]], {"pytorch-default": [("conv", "default")]}, 1e-2)


def gan_peers(network, *modes):
    return {f"pytorch-{mode}": [(network, mode, *words) for words in LAYOUTS] for mode in modes}


def train_gan(report, rounds):
    compare_training(report, rounds, "train/gan", [*GAN, "model.r1=0"], OUR_LAYOUTS,
                     gan_peers("gan", "eager", "compile"), 1e-4, GAN_STEPS)


def train_gan_default(report, rounds):
    compare_training(report, rounds, "train/gan_default", [*GAN, "model.r1=0"], [[]],
                     {"pytorch-default": [("gan", "default")]}, 1e-2, GAN_STEPS)


def train_gan_r1(report, rounds):
    """The recipe's penalty, which needs a gradient of a gradient: torch.compile has none."""
    compare_training(report, rounds, "train/gan_r1", GAN, OUR_LAYOUTS, gan_peers("gan_r1", "eager"), 1e-4, GAN_STEPS)


def memory_train_vae_conv(report, rounds):
    """Peak resident memory of a process that has trained."""
    peaks = {"figment": [], "pytorch": []}
    for _ in range(rounds):
        for side, start in (("figment", lambda: ours(VAE)), ("pytorch", lambda: theirs("conv", "default"))):
            with start() as worker:
                worker.run(100)
                peaks[side].append(worker.peak_bytes() / 2**20)
    report.add("memory/train_vae_conv", "pytorch-default", peaks["figment"], peaks["pytorch"], "MiB")


def compare_quantizing(report, rounds, codes, vectors):
    """Time, and the memory that the first search takes beside vectors and codebook, which are there before."""
    name = f"quantize/k{codes}_n{vectors}"
    with Worker("figment", [BUILD / "quantize_worker", codes, vectors]) as us, \
         Worker("pytorch-plain", [sys.executable, HERE / "peer_quantize.py", codes, vectors]) as them:
        extra = [[worker.added_bytes() / 2**20] for worker in (us, them)]
        given = SCRATCH / "quantize.safetensors"
        expect_same(us, them, given, us.losses(given), 1e-3)  # near ties may be decided otherwise in fp32
        costs = in_turns(rounds, [us, them])
        report.add(name, "pytorch-plain", *[[1e3 * cost.cpu for cost in costs[worker]] for worker in (us, them)], "ms CPU")
        report.add(name + "/memory", "pytorch-plain", *extra, "MiB")


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
        report.add(name, "torch-fidelity", *[[cost.cpu for cost in costs[worker]] for worker in (us, them)], "s CPU")
        report.add(name + "/memory", "torch-fidelity", *extra, "MiB")


def metric_precision_recall(report, rounds):
    compare_metric(report, rounds, "metric/precision_recall_10k", "precision_recall")


def metric_frechet(report, rounds):
    compare_metric(report, rounds, "metric/frechet_2048", "frechet")


def compare_loading(report, rounds, name, our_words, their_words):
    with Worker("figment", [BUILD / "load_worker", *our_words]) as us, \
         Worker("pytorch-dataloader", [sys.executable, HERE / "peer_load.py", *their_words]) as them:
        costs = in_turns(rounds, [us, them])
        values = [[1e6 * cost.cpu / worker.facts["images"] for cost in costs[worker]] for worker in (us, them)]
        report.add(name, "pytorch-dataloader", *values, "us CPU an image")


def load_fashion_mnist(report, rounds):
    compare_loading(report, rounds, "load/fashion_mnist", ["batches", "data.source=fashion-mnist"], [])


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
        values = [[1e3 * getattr(cost, kind) for cost in side[1:]] for side in costs]  # the first round fills the page cache
        report.add("startup/first_sample" + suffix, "pytorch-default", *values, f"ms {kind if kind == 'wall' else 'CPU'}")


def neighbour_train_vae_dense(report, rounds):
    """Steps by the defaults of both sides (ours: bf16 where it is native) while another program keeps one core busy."""
    with ours(VAE, *DENSE, "training.precision=auto", threads=None) as us, theirs("dense", "default", threads=None) as them:
        for worker in (us, them):
            worker.run(20)
        spinner = subprocess.Popen([sys.executable, "-c", "while True: pass"])
        try:
            walls = {us: [], them: []}
            for _ in range(rounds):
                for worker in (us, them):
                    walls[worker].append(1e3 * worker.run(BUSY_STEPS).wall)
        finally:
            spinner.kill()
        report.add("neighbour/train_vae_dense", "pytorch-default", walls[us], walls[them], "ms wall a step")


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
        report.add(f"sample/pixel_cnn_{name}_b{batch}", "plain", ours, theirs, "ms CPU a batch")
        if what == "pixels":
            report.add(f"sample/forward_passes_b{batch}", "limit", passes, ours, "ms CPU: a pass, a batch")


def sample_pixel_cnn_b1(report, rounds):
    sample_pixel_cnn(report, rounds, "pixels", "28x28", 1)


def sample_pixel_cnn_b16(report, rounds):
    sample_pixel_cnn(report, rounds, "pixels", "28x28", 16)


def sample_pixel_cnn_codes(report, rounds):
    sample_pixel_cnn(report, rounds, "codes", "7x7", 16)


CASES = {"train/vae_dense": train_vae_dense, "train/vae_conv": train_vae_conv, "train/vae_conv_default": train_vae_conv_default,
         "train/gan": train_gan, "train/gan_default": train_gan_default, "train/gan_r1": train_gan_r1,
         "load/fashion_mnist": load_fashion_mnist, "load/jpeg_folder": load_jpeg_folder,
         "quantize/k512_n16384": quantize_small, "quantize/k8192_n65536": quantize_large,
         "metric/precision_recall_10k": metric_precision_recall, "metric/frechet_2048": metric_frechet,
         "memory/train_vae_conv": memory_train_vae_conv, "startup/first_sample": startup_first_sample,
         "neighbour/train_vae_dense": neighbour_train_vae_dense,
         "sample/pixel_cnn_28x28_b1": sample_pixel_cnn_b1, "sample/pixel_cnn_28x28_b16": sample_pixel_cnn_b16,
         "sample/pixel_cnn_7x7_b16": sample_pixel_cnn_codes}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", metavar="NAME", action="append", choices=CASES, help="one case; may be given again")
    parser.add_argument("--rounds", type=int, default=7, help="turns of each worker (default: %(default)s)")
    options = parser.parse_args()
    if options.rounds < 5:
        print("bench: fewer than 5 rounds show that it runs, not how fast", file=sys.stderr)
    SCRATCH.mkdir(parents=True, exist_ok=True)
    if (busy := busy_cores()) > CALM:
        print(f"bench: others use {busy:.2f} cores: CPU times are usable, wall times (startup, neighbour) are not", file=sys.stderr)
    report = Report()
    report.header()
    for name in options.only or CASES:
        CASES[name](report, options.rounds)


if __name__ == "__main__":
    main()
