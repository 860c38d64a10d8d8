"""Workers that take turns: how everything in bench.py is measured."""
import contextlib
import dataclasses
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(os.environ.get("FIGMENT_BUILD", HERE.parent / "build"))
SCRATCH = BUILD / "bench"
RUN_SECONDS = 1.0   # CPU time of one turn, about
CHOOSING = 3        # turns of each way to do the same, after which the fastest is kept
CHECKED_STEPS = 20  # losses that must agree before anything is timed
CALM = 0.05         # cores that others may use while wall time is measured

# What base/machine.cpp tells glibc: large tensors are not given back to the system after each step.
KEEPS_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(256 << 20), "MALLOC_TRIM_THRESHOLD_": str(1 << 30), "MALLOC_TOP_PAD_": str(64 << 20)}


def use_two_cores():
    """All workers, and the program that keeps one core busy, share two cores, whatever the machine has; if it can be, they are
    no two threads of one core."""
    one_each, others = {}, []
    for cpu in sorted(os.sched_getaffinity(0)):
        siblings = pathlib.Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list")
        core = siblings.read_text() if siblings.exists() else cpu
        others.append(cpu) if core in one_each else one_each.setdefault(core, cpu)
    os.sched_setaffinity(0, [*one_each.values(), *others][:2])


@dataclasses.dataclass
class Cost:
    cpu: float
    wall: float


class Worker:
    """A process that speaks the protocol of worker.py. `way` says which of several ways to do the same it takes."""

    def __init__(self, name, command, threads=1, environment={}, way=""):
        self.name, self.way = name, way
        known = dict(os.environ, TORCHINDUCTOR_CACHE_DIR=str(SCRATCH / "inductor"))
        for word in ("OMP_NUM_THREADS", "OMP_WAIT_POLICY", "GOMP_SPINCOUNT", *KEEPS_MEMORY):
            known.pop(word, None)
        if threads:  # none: what the program itself decides
            known["OMP_NUM_THREADS"] = str(threads)
        self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, env={**known, **environment})
        self.facts = json.loads(self.answer().removeprefix("ready "))
        self.units = 0  # of a turn; not known yet

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
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
        """Warms up and chooses how many units make a turn. The first unit may compile, so its cost says nothing."""
        first = self.run(1)
        cost = self.run(4 if first.cpu < RUN_SECONDS else 1)
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


def in_turns(rounds, workers):
    """One turn each per round, in an order that rotates: {worker: [Cost]}."""
    costs = {worker: [] for worker in workers}
    for worker in workers:
        if not worker.units:
            worker.settle()
    for i in range(rounds):
        for worker in rotated(workers, i):
            costs[worker].append(worker.run(worker.units))
    return costs


def rotated(workers, i):
    first = i % len(workers)
    return workers[first:] + workers[:first]


def fastest(workers, kind):
    """Of several ways to do the same: tried before the rounds that count, so that none of those is picked."""
    if len(workers) > 1:
        costs = in_turns(CHOOSING, workers)
        workers = sorted(workers, key=lambda worker: statistics.median(getattr(cost, kind) for cost in costs[worker]))
    for worker in workers[1:]:
        worker.__exit__()
    return workers[0]


def expect_same(reference, worker, given, mine, tolerance, steps=CHECKED_STEPS):
    """Same number of parameters; from the same weights, batches and noise, losses that agree."""
    if worker.facts["parameters"] != reference.facts["parameters"]:
        raise SystemExit(f"bench: {worker.name} has {worker.facts['parameters']} parameters, "
                         f"{reference.name} {reference.facts['parameters']}")
    for step, (a, b) in enumerate(zip(mine, worker.losses(given, steps), strict=True)):
        if not abs(a - b) <= tolerance * abs(a):
            raise SystemExit(f"bench: loss {step + 1} differs: {reference.name} {a}, {worker.name} {worker.way} {b}; not timed")


def busy_cores(seconds=1.0):
    """How many of our cores are in use, while the workers wait."""
    names = {f"cpu{cpu}" for cpu in os.sched_getaffinity(0)}

    def used():
        total = 0
        for name, *ticks in (line.split() for line in open("/proc/stat")):
            if name in names:
                user, nice, system, _, _, irq, softirq, steal = map(int, ticks[:8])
                total += user + nice + system + irq + softirq + steal
        return total
    before = used()
    time.sleep(seconds)
    return (used() - before) / os.sysconf("SC_CLK_TCK") / seconds


def calm(name):
    """Whether wall time of two cores can be measured now; if not, it says what is left out."""
    busy, cores = busy_cores(), len(os.sched_getaffinity(0))
    if busy <= CALM and cores == 2:
        return True
    print(f"bench: {name} left out, which is wall time on two cores: " +
          (f"others use {busy:.2f} of them" if cores == 2 else "there is one core"), file=sys.stderr, flush=True)
    return False


@contextlib.contextmanager
def busy_core():
    """Another program that keeps one core busy."""
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as spinner:
        try:
            yield
        finally:
            spinner.kill()
