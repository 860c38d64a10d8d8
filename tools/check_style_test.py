"""Claims about the part of tools/check_style that needs no clang-format: tables of doc comments."""
import os
import subprocess
import tempfile
import unittest

CHECK = os.path.join(os.path.dirname(os.path.abspath(__file__)), "check_style")
GOOD = """/// Encodes an image. Input and Output may be the same.
/// Source   Author 2017, Sec. 3
/// Input    [N,C,H,W] in [-1,1]
/// Output   [N,D]
void f();
"""


def complaint(text):
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "x.h")
        with open(file, "w") as out:
            out.write(text)
        return subprocess.run(["bash", CHECK, file], capture_output=True, text=True).stderr


class TablesOfDocComments(unittest.TestCase):
    def test_a_line_for_each_word_is_right(self):
        self.assertNotIn("table", complaint(GOOD))

    def test_joined_lines_are_named(self):
        said = complaint(GOOD.replace("\n/// Input ", " Input "))
        self.assertIn("x.h:2:", said)
        self.assertIn("two lines of its table in one", said)

    def test_long_lines_are_named(self):
        said = complaint(GOOD.replace("Sec. 3", "Sec. 3, " + "and more " * 15))
        self.assertIn("x.h:2:", said)
        self.assertIn("too long", said)


if __name__ == "__main__":
    unittest.main()
