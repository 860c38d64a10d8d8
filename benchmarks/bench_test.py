"""Claims about how bench.py measures and what it prints, with workers whose costs are known."""
import contextlib
import io
import json
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

import measuring
import report

# Speaks the protocol of worker.py: a unit costs COST, the first one FIRST.
WORKER = """
import json, sys
cost, first, losses = float(sys.argv[1]), float(sys.argv[2]), json.loads(sys.argv[3])
print('ready {"parameters": 7}', flush=True)
for line in sys.stdin:
    word, count, *_ = line.split()
    if word == "losses":
        print(json.dumps(losses[:int(count)]), flush=True)
    else:
        print(first + cost * (int(count) - 1), 2 * cost * int(count), 0, flush=True)
        first = cost
"""


def worker(cost, first=None, losses=()):
    return measuring.Worker(f"of {cost}", [sys.executable, "-c", WORKER, cost, first or cost, json.dumps(list(losses))], way=f"way {cost}")


class Measuring(unittest.TestCase):
    def test_a_turn_is_a_second_whatever_the_first_unit_took(self):
        with worker(0.1, first=30) as slow_to_start:
            slow_to_start.settle()
            self.assertEqual(slow_to_start.units, 10)

    def test_of_several_ways_the_fastest_goes_on_and_the_others_end(self):
        ways = [worker(0.2), worker(0.1), worker(0.3)]
        with measuring.fastest(ways, "cpu") as kept:
            self.assertIs(kept, ways[1])
            self.assertEqual([way.process.poll() is None for way in ways], [False, True, False])

    def test_costs_are_of_a_unit(self):
        with worker(0.25) as a, worker(0.5) as b:
            costs = measuring.in_turns(3, [a, b])
            self.assertEqual([cost.cpu for cost in costs[a]], [0.25] * 3)
            self.assertEqual([cost.wall for cost in costs[b]], [1.0] * 3)

    def test_a_peer_that_computes_something_else_stops_the_benchmark(self):
        with worker(1, losses=[1, 2]) as us, worker(1, losses=[1, 2.0001]) as near, worker(1, losses=[1, 2.01]) as far:
            measuring.expect_same(us, near, "given", [1, 2], 1e-4, 2)
            with self.assertRaisesRegex(SystemExit, "loss 2 differs"):
                measuring.expect_same(us, far, "given", [1, 2], 1e-4, 2)
            near.facts["parameters"] = 8
            with self.assertRaisesRegex(SystemExit, "parameters"):
                measuring.expect_same(us, near, "given", [1, 2], 1e-4, 2)


class Reporting(unittest.TestCase):
    def setUp(self):
        stack = contextlib.ExitStack()
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        self.addCleanup(stack.close)
        for name, path in (("BUILD", folder), ("MEASURED", folder / "measured"), ("README", folder / "README.md")):
            stack.enter_context(mock.patch.object(report, name, path))
        self.printed = stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
        self.readme = folder / "README.md"
        self.readme.write_text("before\n<!-- bench -->\n<!-- bench end -->\n<!-- processes -->\n<!-- processes end -->\nafter\n")
        self.report = report.Report()
        self.report.add("train/x", "ms CPU", [1, 2, 3], default=("slow", [4, 6, 15]), best=("quick", [1, 1, 6], "compiled"))

    def test_the_best_peer_leads_and_the_default_stands_beside(self):
        cells = [cell.strip() for cell in self.printed.getvalue().splitlines()[-1].split("|")]
        self.assertEqual(cells[1:-1], ["train/x", "2 ms CPU", "0.50 (0.50 to 2.00)", "quick, compiled", "3.00 (3.00 to 5.00)", "slow"])

    def test_the_file_names_the_processor(self):
        kept = json.loads((report.BUILD / "bench.json").read_text())
        self.assertEqual(set(kept["processor"]), {"maker", "family", "model", "name", "instruction_sets"})
        self.assertEqual([row["peer"] for row in kept["rows"]], ["quick", "slow"])

    def test_the_tables_of_the_readme_are_those_that_are_kept(self):
        self.assertEqual(report.check(), 0)
        self.report.keep()
        self.assertEqual(report.check(), 0)
        text = self.readme.read_text()
        self.assertTrue(text.startswith("before\n") and text.endswith("after\n"))
        self.assertIn(report.in_words(report.processor()), text)
        self.readme.write_text(text.replace("0.50 (", "0.60 ("))
        self.assertEqual(report.check(), 1)

    def test_so_is_the_table_of_processes(self):
        ways = {"1 process": {"images_a_second": 1234.4, "cpu_seconds": 0.333}, "2 processes": {"images_a_second": 2000, "cpu_seconds": 0.4}}
        rows = [{"recipe": "vae", "beside_a_busy_core": beside, "ways": ways} for beside in (False, True)]
        report.keep("processes", {"processor": report.processor(), "rows": rows})
        self.assertIn("| recipe | 1 process | 2 processes |\n|---|---|---|\n"
                      "| vae | 1,234 images/s, 0.33 CPU s | 2,000 images/s, 0.40 CPU s |\n"
                      "| vae, beside a busy core | 1,234 images/s", self.readme.read_text())
        self.assertEqual(report.check(), 0)


if __name__ == "__main__":
    unittest.main()
