"""The line protocol between bench.py and a worker, the Python side; worker.h is the C++ side.

A worker prints `ready {json}`. Then each line it reads is a command and gets one line back:
  losses K FILE   losses of the first K steps as JSON; weights and batches of those steps are in FILE (training only)
  run N           `cpu_seconds wall_seconds loss` of N units of work
"""
import json
import resource
import sys
import time


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def serve(facts, run, losses=None):
    """`run(n)` does n units of work and returns a loss; `losses(k, path)` returns k of them."""
    print("ready", json.dumps(facts), flush=True)
    for line in sys.stdin:
        command, *words = line.split()
        if command == "losses":
            print(json.dumps(losses(int(words[0]), words[1])), flush=True)
        elif command == "run":
            cpu, wall = cpu_seconds(), time.perf_counter()
            loss = run(int(words[0]))
            print(cpu_seconds() - cpu, time.perf_counter() - wall, loss, flush=True)
        else:
            raise SystemExit(f"unknown command {command!r}")
