"""What was measured, on which processor, as a file and as a table."""
import json
import pathlib
import platform
import re
import statistics
import sys

from measuring import BUILD, HERE

MEASURED = HERE / "measured"  # a folder for each section of README.md, in it a file for each kind of processor that was tried
README = HERE / "README.md"
WIDTHS = (38, 26, 22, 46, 22, 19)
HEADER = ("row", "ours", "best peer (each round)", "which one", "default (each round)", "which one")


def processor():
    """Of the first core, as Linux names it on x86 and on ARM."""
    lines = pathlib.Path("/proc/cpuinfo").read_text().split("\n\n")[0].splitlines()
    facts = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}

    def first_of(*names):
        return next((facts[name] for name in names if name in facts), "unknown")

    sets = re.compile(r"(sse4|avx|fma|f16c|amx|asimd|sve|sme2?$|bf16|i8mm)")
    return {"maker": first_of("vendor_id", "CPU implementer"), "family": first_of("cpu family", "CPU architecture"),
            "model": first_of("model", "CPU part"), "name": facts.get("model name", platform.machine()),
            "instruction_sets": sorted(filter(sets.match, first_of("flags", "Features").split()))}


def in_words(processor):
    return (f"{processor['maker']}, family {processor['family']}, model {processor['model']} ({processor['name']}): "
            f"{' '.join(processor['instruction_sets'])}")


def line(cells):
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, WIDTHS)) + " |"


def header(processor):
    return f"{in_words(processor)}\n\n{line(HEADER)}\n{line('-' * width for width in WIDTHS)}"


def table_line(rows):
    """Of one name: the best peer leads, the user's default stands beside."""
    cells = [rows[0]["name"], f"{rows[0]['ours']:.4g} {rows[0]['unit']}"]
    for kind in ("best", "default"):
        row = next((row for row in rows if row["kind"] == kind), None)
        cells += [f"{row['ratio']:.2f} ({row['least']:.2f} to {row['most']:.2f})",
                  ", ".join(filter(None, [row["peer"], row["way"]]))] if row else ["", ""]
    return line(cells)


def table(measured):
    rows = measured["rows"]
    names = dict.fromkeys(row["name"] for row in rows)
    return "\n".join([header(measured["processor"]), *(table_line([row for row in rows if row["name"] == name]) for name in names)])


class Report:
    """build/bench.json, which is written anew after each row, and the table, which is printed row by row."""

    def __init__(self):
        self.measured = {"processor": processor(), "rows": []}
        print(header(self.measured["processor"]), flush=True)

    def add(self, name, unit, ours, **peers):
        """`best=` and `default=`: (peer, values) or (peer, values, way). Values of the same round stand at the same place, and
        smaller is better."""
        rows = []
        for kind, (peer, theirs, *way) in sorted(peers.items()):  # best, default
            by_round = [b / a for a, b in zip(ours, theirs)]
            our, their = statistics.median(ours), statistics.median(theirs)
            rows.append({"name": name, "kind": kind, "peer": peer, "way": way[0] if way else "", "ratio": their / our,
                         "least": min(by_round), "most": max(by_round), "ours": our, "theirs": their, "unit": unit})
        self.measured["rows"] += rows
        (BUILD / "bench.json").write_text(json.dumps(self.measured, indent=1) + "\n")
        print(table_line(rows), flush=True)

    def keep(self):
        keep("bench", self.measured)


def processes_table(measured):
    """Of `benchmarks/processes`: images a second and CPU seconds of 1,000 images, by recipe and way."""
    ways = measured["rows"][0]["ways"]
    lines = ["| recipe | " + " | ".join(ways) + " |", "|---|" + "---|" * len(ways)]
    for row in measured["rows"]:
        cells = [f"{way['images_a_second']:,.0f} images/s, {way['cpu_seconds']:.2f} CPU s" for way in row["ways"].values()]
        lines.append(f"| {row['recipe']}{', beside a busy core' if row['beside_a_busy_core'] else ''} | " + " | ".join(cells) + " |")
    return in_words(measured["processor"]) + "\n\n" + "\n".join(lines)


SECTIONS = {"bench": table, "processes": processes_table}


def kept_file(section, processor):
    kind = "-".join(processor[word] for word in ("maker", "family", "model"))
    return MEASURED / section / f"{re.sub('[^A-Za-z0-9-]+', '_', kind)}.json"


def keep(section, measured):
    """Under the processor's name, and as a table in README.md."""
    file = kept_file(section, measured["processor"])
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(measured, indent=1) + "\n")
    README.write_text(written())


def written():
    """README.md with the tables of what is kept."""
    text = README.read_text()
    for section, table_of in SECTIONS.items():
        begin, end = f"<!-- {section} -->\n", f"<!-- {section} end -->"
        if begin not in text or end not in text:
            sys.exit(f"{README}: the lines '{begin.strip()}' and '{end}' tell where the tables stand; one is missing")
        kept = sorted((MEASURED / section).glob("*.json"))
        tables = "".join(table_of(json.loads(file.read_text())) + "\n\n" for file in kept)
        text = text[:text.index(begin) + len(begin)] + tables + text[text.index(end):]
    return text


def check():
    if README.read_text() == written():
        return 0
    print("benchmarks/README.md: its tables are not what benchmarks/measured/ holds; `benchmarks/run --keep` and `benchmarks/processes --keep` write them, nobody else")
    return 1
