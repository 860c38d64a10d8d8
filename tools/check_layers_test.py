"""Claims about tools/check_layers, each on a small tree made for it."""
import os
import subprocess
import sys
import tempfile
import unittest

CHECK = os.path.join(os.path.dirname(os.path.abspath(__file__)), "check_layers")
PAGE = """# House
| folder | holds | may use |
|---|---|---|
| `figment/base` | a | – |
| `figment/media` | b | – |
| `figment/contracts` | c | torch |
| `figment/models/<id>` | d | contracts, torch |
| `cli` | e | media, contracts |

Free of the engine (checked):
`cli/*`, `figment/models/*/config.h`.

"""
TREE = {
    "ARCHITECTURE.md": PAGE,
    "CMakeLists.txt": "set(core_rooms base media)",
    "figment/base/error.h": "#include <string>\n",
    "figment/media/image.h": '#include "figment/base/error.h"\n',
    "figment/contracts/model.h": "#include <torch/torch.h>\n",
    "figment/contracts/spec.h": '#include "figment/base/error.h"\n',
    "figment/models/vae/config.h": '#include "figment/contracts/spec.h"\n',
    "figment/models/vae/vae.cpp": '#include "figment/contracts/model.h"\n#include "figment/models/vae/config.h"\n',
    "figment/models/gan/config.h": "",
    "cli/main.cpp": '#include "figment/contracts/spec.h"\n#include "figment/media/image.h"\n',
}


def complaints(files=None):
    """What the check says of the tree with some files replaced, added or (None) taken away; "" if it is content."""
    with tempfile.TemporaryDirectory() as root:
        for path, text in {**TREE, **(files or {})}.items():
            if text is not None:
                os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
                with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                    file.write(text)
        done = subprocess.run([sys.executable, CHECK, root], capture_output=True, text=True, check=False)
        assert (done.returncode == 1) == bool(done.stderr), done
        return done.stderr


class CheckLayers(unittest.TestCase):
    def says(self, expected, files):
        self.assertEqual(complaints(files), expected)

    def test_an_orderly_tree_is_left_in_peace(self):
        self.assertEqual(complaints(), "")

    def test_a_room_uses_only_what_its_row_names(self):
        self.says('figment/media/image.h:2: includes "figment/contracts/spec.h"; \'figment/media\' may not use \'figment/contracts\'\n',
                  {"figment/media/image.h": '\n#include "figment/contracts/spec.h"\n'})

    def test_a_source_is_bound_like_a_header(self):
        self.assertIn("may not use", complaints({"figment/base/a.cpp": ' # include "figment/media/image.h"\n'}))

    def test_a_model_does_not_know_another(self):
        self.assertIn("'figment/models/<id>' may not use 'figment/models/<id>'",
                      complaints({"figment/models/vae/vae.cpp": '#include "figment/models/gan/config.h"\n'}))

    def test_tests_include_anything_and_are_included_by_nothing(self):
        test = {"figment/base/a_test.cpp": '#include "cli/main.cpp"\n'}
        self.assertEqual(complaints(test), "")
        self.assertIn("nothing includes a test",
                      complaints({**test, "figment/media/b_test.cpp": '#include "figment/base/a_test.cpp"\n'}))

    def test_the_engine_stays_where_a_row_says_torch(self):
        self.says("cli/a.cpp:1: includes <ATen/ATen.h>; the row of 'cli' does not say torch\n"
                  "cli/a.cpp: reaches the engine: cli/a.cpp -> <ATen/ATen.h>\n", {"cli/a.cpp": "#include <ATen/ATen.h>\n"})

    def test_a_free_page_does_not_reach_the_engine_through_others(self):
        rest = "figment/contracts/spec.h -> figment/contracts/model.h -> <torch/torch.h>\n"
        self.says("".join(f"{page}: reaches the engine: {page} -> {rest}" for page in ("cli/main.cpp", "figment/models/vae/config.h")),
                  {"figment/contracts/spec.h": '#include "figment/contracts/model.h"\n'})

    def test_core_rooms_are_free_of_the_engine(self):
        self.assertIn("'figment/media' says torch",
                      complaints({"ARCHITECTURE.md": PAGE.replace("media` | b | –", "media` | b | torch")}))

    def test_every_folder_has_a_row_and_every_row_a_folder(self):
        self.says("figment/nn: is a folder without a row in the table of ARCHITECTURE.md\n", {"figment/nn/a.h": ""})
        self.says("ARCHITECTURE.md: 'figment/data' has a row and no folder\n",
                  {"ARCHITECTURE.md": PAGE.replace("| `cli`", "| `figment/data` | x | – |\n| `cli`")})

    def test_rooms_stand_below_those_they_use(self):
        self.assertIn("'figment/base' may use 'media', which is no folder in a row above it",
                      complaints({"ARCHITECTURE.md": PAGE.replace("base` | a | –", "base` | a | media")}))

    def test_paths_begin_at_the_root(self):
        self.assertIn("no path from the root", complaints({"figment/media/a.cpp": '#include "image.h"\n'}))
        self.assertIn("in quotes", complaints({"figment/media/a.cpp": "#include <figment/media/image.h>\n"}))

    def test_a_listed_page_exists(self):
        self.assertIn("no file is called 'cli/*'", complaints({"cli/main.cpp": None, "cli/README.md": ""}))


if __name__ == "__main__":
    unittest.main()
