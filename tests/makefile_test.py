#!/usr/bin/env python3
"""makefile_test.py MAKEFILE: what `make build` does, with commands that only write down how they were called."""
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

MAKEFILE = Path(sys.argv.pop())


class Build(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = Path(self.folder.name).resolve()
        (self.root / "Makefile").write_text(MAKEFILE.read_text())
        for name, line in {"tools/setup": "", "bin/cmake": f'echo "$@" >>{self.root}/calls\nexit ${{CODE:-0}}'}.items():
            (self.root / name).parent.mkdir(exist_ok=True)
            (self.root / name).write_text(f"#!/bin/sh\n{line}\n")
            (self.root / name).chmod(0o755)

    def tearDown(self):
        self.folder.cleanup()

    def make(self, target, **environment):
        (self.root / "calls").write_text("")
        path = f"{self.root}/bin:{os.environ['PATH']}"
        done = subprocess.run(["make", "-C", self.root, target], env=os.environ | environment | {"PATH": path},
                              capture_output=True, text=True)
        return done.returncode, (self.root / "calls").read_text().splitlines()

    def configured_in(self, source):
        (self.root / "build").mkdir(exist_ok=True)
        (self.root / "build/CMakeCache.txt").write_text(f"# cache\nCMAKE_HOME_DIRECTORY:INTERNAL={source}\n")
        (self.root / "build/build.ninja").write_text("")

    def test_configures_once(self):
        self.assertEqual(self.make("build")[1][0], "--fresh --preset release")
        self.configured_in(self.root)
        self.assertEqual(self.make("build"), (0, ["--build build --target product"]))

    def test_a_copied_checkout_is_configured_anew(self):
        self.configured_in("/elsewhere")
        for target in ["build", "install"]:
            self.assertEqual(self.make(target)[1][0], "--fresh --preset release")

    def test_what_fails_is_not_installed(self):
        code, calls = self.make("install", CODE="1")
        self.assertNotEqual(code, 0)
        self.assertEqual(len(calls), 1)


if __name__ == "__main__":
    unittest.main()
