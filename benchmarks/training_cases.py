"""Trainings against PyTorch: a step on one core, on two, beside a busy one; what a second process brings; memory."""
import contextlib
import dataclasses
import sys

from measuring import BUILD, CHECKED_STEPS, HERE, KEEPS_MEMORY, SCRATCH, Worker, busy_core, calm, expect_same, fastest, in_turns, rotated

GAN_STEPS = 3   # fewer of two that play against each other: each answers the other's last digits
FAIR = 3 / 4    # of two cores that another program keeps one of busy: half of that one, and the other
SAME_LOSS = {"fp32": 1e-4, "bf16": 1e-2}

# What a step does must be the same on both sides: no schedule, no moving average, which the peers lack; and always the same,
# however long the turns go on.
SAME_WORK = ["training.schedule=constant", "training.warm_up=0", "training.average_half_life=0", "training.images=1000000000"]


@dataclasses.dataclass
class Training:
    """A recipe, changed so that a peer can do the same; its network in peer_train.py; how many losses are compared."""
    ours: list
    network: str = ""
    steps: int = CHECKED_STEPS
    compiles: bool = True
    convolutions: bool = True

    def layouts(self):
        return (False, True) if self.convolutions else (False,)


# Learning rates are small: at those of the recipes rounding alone moves the losses of two sides apart within a few steps.
VAE = ["vae", "training.batch_size=128", "model.warm_up_images=0", "model.optimizer.learning_rate=1e-3"]
GAN = ["gan", "training.batch_size=64", "model.network=conv", "model.width=32", "model.stages=3", "model.latent=64",
       "model.generator.learning_rate=1e-4", "model.discriminator.learning_rate=1e-4"]
VQ_VAE = ["vq_vae", "training.batch_size=128", "model.warm_up_images=0", "model.optimizer.learning_rate=1e-4"]
TRAININGS = {
    "vae_dense": Training([*VAE, "model.network=dense", "model.hidden=[512]", "model.latent=40"], "dense", convolutions=False),
    "vae_conv": Training(VAE, "conv"),
    "gan": Training([*GAN, "model.r1=0"], "gan", GAN_STEPS),
    "gan_r1": Training(GAN, "gan_r1", GAN_STEPS, compiles=False),  # torch.compile has no gradient of a gradient
    "vq_vae": Training(VQ_VAE, "vq_vae"),
    "pixel_cnn": Training(["pixel_cnn"]),
    "classifier": Training(["classifier"]),
}


def ours(training, *words, processes=1, threads=1):
    """threads=None: as many processes and threads as the program chooses."""
    if threads is None:
        processes = 0
    return Worker("figment", [BUILD / "train_worker", *training.ours, *SAME_WORK, f"training.processes={processes}",
                              f"training.threads={threads or 0}", *words], threads)


def peer(training, name, mode, words, threads, **how):
    command = [sys.executable, HERE / "peer_train.py", "--network", training.network, "--mode", mode, "--threads", threads or 0]
    return Worker(name, [*command, *words], threads, **how)


def default_peer(training, threads=1):
    return peer(training, "pytorch-default", "default", [], threads)


def best_peers(training, precision, threads):
    """All that an expert would try at our precision."""
    for mode, way in (("eager", "eager"), ("compile", "compiled"))[:2 if training.compiles else 1]:
        for last in training.layouts():
            words = ["--precision", precision, *(["--channels-last"] if last else [])]
            yield peer(training, "pytorch-best", mode, words, threads, environment=KEEPS_MEMORY,
                       way=f"{way} {precision}{' channels-last' if last else ''}")


def compare(report, rounds, name, us, best, default, kind):
    """Of several ways of either side the fastest counts."""
    us, best = fastest(us, kind), fastest(best, kind)
    costs = in_turns(rounds, [us, best, default])
    milliseconds = {worker: [1e3 * getattr(cost, kind) for cost in costs[worker]] for worker in costs}
    report.add(name, f"ms {'CPU' if kind == 'cpu' else kind} a step", milliseconds[us], best=(best.name, milliseconds[best], best.way),
               default=(default.name, milliseconds[default]))


def on_one_core(report, rounds, name, training, our_ways):
    given = SCRATCH / "given.safetensors"
    with contextlib.ExitStack() as stack:
        start = stack.enter_context
        us = [start(ours(training, *words)) for words in our_ways]
        precision = us[0].facts["precision"]
        best, default = [start(worker) for worker in best_peers(training, precision, 1)], start(default_peer(training))
        expected = us[0].losses(given, training.steps)
        for worker in (*us[1:], *best, default):
            expect_same(us[0], worker, given, expected, SAME_LOSS[precision], training.steps)
        compare(report, rounds, name, us, best, default, "cpu")
    return precision


def on_two_cores(report, rounds, name, training, precision):
    """As either side shares out its work where nobody says how; only the best peer is told to use two threads."""
    if not calm(name):
        return
    with contextlib.ExitStack() as stack:
        us, default = (stack.enter_context(start(training, threads=None)) for start in (ours, default_peer))
        best = [stack.enter_context(worker) for worker in best_peers(training, precision, 2)]
        compare(report, rounds, name, [us], best, default, "wall")


def case(name):
    """In fp32; both layouts are tried on both sides."""
    def run(report, rounds):
        layouts = [f"training.channels_last={str(last).lower()}" for last in TRAININGS[name].layouts()]
        on_one_core(report, rounds, f"train/{name}", TRAININGS[name], [["training.precision=fp32", layout] for layout in layouts])
    return run


def case_of_defaults(name):
    """In the precision and the layout of our recipe."""
    def run(report, rounds):
        precision = on_one_core(report, rounds, f"train/{name}_default", TRAININGS[name], [[]])
        on_two_cores(report, rounds, f"train/{name}_default/two_cores", TRAININGS[name], precision)
    return run


def processes_2(report, rounds):
    """One thread each, on the same batches as one process of one thread or of two."""
    if not calm("scaling/processes_2"):
        return
    for name in ("vae_conv", "gan", "vq_vae", "pixel_cnn", "classifier", "vae_dense"):
        training = TRAININGS[name]
        with ours(training) as one, ours(training, processes=2) as two, ours(training, threads=2) as threads:
            costs = in_turns(rounds, [two, one, threads])
            both = {worker: [1e3 * cost.wall for cost in costs[worker]] for worker in costs}
            report.add(f"scaling/processes_2/{name}", "ms wall a step", both[two],
                       best=("half of one process", [ms / 2 for ms in both[one]]), default=("two threads", both[threads]))
            with busy_core():
                costs = in_turns(rounds, [two, threads])
            beside = {worker: [1e3 * cost.wall for cost in costs[worker]] for worker in costs}
            report.add(f"scaling/processes_2/{name}/busy", "ms wall a step", beside[two], default=("two threads", beside[threads]))


def neighbour(name):
    """By the defaults of both sides (precision, processes and threads too) while another program keeps one core busy."""
    def case(report, rounds):
        if not calm(f"neighbour/train_{name}"):
            return
        training = TRAININGS[name]
        with ours(training, threads=None) as us, default_peer(training, threads=None) as them:
            for worker in (us, them):
                worker.settle()
            alone, beside = [], {us: [], them: []}
            for i in range(rounds):
                alone.append(1e3 * us.run(us.units).wall)
                with busy_core():
                    for worker in rotated([us, them], i):
                        beside[worker].append(1e3 * worker.run(worker.units).wall)
            report.add(f"neighbour/train_{name}", "ms wall a step", beside[us], best=("fair share", [ms / FAIR for ms in alone]),
                       default=(them.name, beside[them]))
    return case


def memory_of_vae_conv(report, rounds):
    """Peak resident memory of a process that has trained."""
    peaks = {"figment": [], "pytorch-default": []}
    for _ in range(rounds):
        for start in (ours, default_peer):
            with start(TRAININGS["vae_conv"]) as worker:
                worker.run(100)
                peaks[worker.name].append(worker.peak_bytes() / 2**20)
    report.add("memory/train_vae_conv", "MiB", peaks["figment"], default=("pytorch-default", peaks["pytorch-default"]))


CASES = {
    **{f"train/{name}": case(name) for name in ("vae_dense", "vae_conv", "gan", "gan_r1", "vq_vae")},
    **{f"train/{name}_default": case_of_defaults(name) for name in ("vae_conv", "gan", "vq_vae")},
    "scaling/processes_2": processes_2,
    **{f"neighbour/train_{name}": neighbour(name) for name in ("vae_dense", "vae_conv", "gan", "vq_vae")},
    "memory/train_vae_conv": memory_of_vae_conv,
}
