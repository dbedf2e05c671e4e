"""A compendium of three tiny notebooks about nothing: what the engine's tests run instead of ours."""

import json
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

SRC = Path(__file__).resolve().parents[2] / "src"

PLAN = """
[compendium]
title = "Tiny"
packages = ["tinylib"]

[limits]
cell = 20
notebook = 60

[[build]]
name = "numbers"
function = "tinylib.build:numbers"
raw = { letters = "letters" }
makes = ["numbers"]

[notebook.01_first]
title = "First"
question = "How much?"
tables = ["numbers"]
exhibits = ["01_sums"]

[notebook.02_second]
title = "Second"
question = "How much more?"
reads = ["results/tables/01_sums.csv"]

[notebook.03_third]
title = "Third"
question = "What else?"
"""

PACKAGE = {
    "name": "tiny",
    "resources": [{
        "name": "numbers", "path": "tables/numbers.csv", "title": "Numbers", "sources": ["letters"],
        "schema": {
            "fields": [
                {"name": "key", "type": "string", "description": "A letter", "constraints": {"required": True}},
                {"name": "value", "type": "integer", "description": "A number", "unit": "things"},
            ],
            "primaryKey": ["key"], "missingValues": [""],
        },
    }],
}  # fmt: skip

MODULES = {
    "__init__.py": '"""Tiny."""\n',
    "build.py": """
        import pandas as pd
        from compendium.errors import UserError

        def numbers(letters):
            rows = []
            for n, line in enumerate(letters.read_text(encoding="utf-8").splitlines(), 1):
                key, _, value = line.partition("=")
                if not value.isdigit():
                    raise UserError(f"{letters.name}, row {n}: got {value!r}, expected a whole number; correct it")
                rows.append((key, int(value)))
            return {"numbers": pd.DataFrame(rows, columns=["key", "value"])}
        """,
    "adding.py": "def add(values):\n    return sum(values)\n",
    "doubling.py": "from tinylib.base import TWO\n\ndef double(value):\n    return TWO * value\n",
    "base.py": "TWO = 2\n",
}

CELLS = {
    "01_first": [
        "# First",
        ("parameters", "factor = 1\nlabel = 'x'"),
        "from compendium.notebook import claim, output_path, read_table\nfrom tinylib.adding import add",
        "total = factor * add(read_table('numbers')['value'])\noutput_path('results/tables/01_sums.csv').write_text(f'total\\n{total}\\n')",
        "claim('total', total, unit='things', kind='count', table='numbers', text='In all {value} things.')",
    ],
    "02_second": [
        "# Second",
        ("parameters", ""),
        "from compendium.notebook import claim, root\nfrom tinylib.doubling import double",
        "total = int((root() / 'results/tables/01_sums.csv').read_text().split()[1])",
        "claim('twice', double(total), unit='things', kind='count', table='numbers', text='Twice that is {value}.')",
    ],
    "03_third": ["# Third", ("parameters", "seconds = 0.0"), "import time\ntime.sleep(seconds)\nprint('third')"],
}


def notebook(cells: list[object]) -> str:
    """Return a notebook's JSON; texts that begin with ``#`` are Markdown, pairs are (tag, source)."""
    made = []
    for number, cell in enumerate(cells):
        tag, source = cell if isinstance(cell, tuple) else ("", str(cell))
        kind = "markdown" if source.startswith("#") else "code"
        extra = {} if kind == "markdown" else {"outputs": [], "execution_count": None}
        metadata = {"tags": [tag]} if tag else {}
        made.append({"cell_type": kind, "id": f"cell-{number}", "metadata": metadata, "source": source, **extra})
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return json.dumps({"cells": made, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5})


class Tiny:
    """The tiny compendium in a folder, with a raw folder beside it."""

    def __init__(self, folder: Path) -> None:
        import hashlib

        self.root, self.raw = folder / "tiny", folder / "raw"
        for sub in ("notebooks", "data/tables", "src/tinylib"):
            (self.root / sub).mkdir(parents=True)
        self.raw.mkdir()
        (self.raw / "letters.txt").write_text("a=1\nb=2\nc=39\n", encoding="utf-8")
        sha = hashlib.sha256((self.raw / "letters.txt").read_bytes()).hexdigest()
        self.write("data/sources.csv", f"source_id,path,sha256\nletters,letters.txt,{sha}\n")
        self.write("data/datapackage.json", json.dumps(PACKAGE))
        self.write("data/tables/numbers.csv", "key,value\na,1\nb,2\nc,39\n")
        self.write("compendium.toml", PLAN)
        for name, text in MODULES.items():
            self.write(f"src/tinylib/{name}", textwrap.dedent(text).lstrip())
        for name, cells in CELLS.items():
            self.write(f"notebooks/{name}.ipynb", notebook(cells))

    def write(self, relative: str, text: str) -> Path:
        """Write a text file in the checkout."""
        path = self.root / relative
        path.write_text(text, encoding="utf-8", newline="\n")
        return path

    def read(self, relative: str) -> str:
        """Read a text file of the checkout."""
        return (self.root / relative).read_text(encoding="utf-8")

    def cells(self, name: str, *sources: object) -> None:
        """Replace a notebook's cells behind its parameters."""
        self.write(f"notebooks/{name}.ipynb", notebook([*CELLS[name][:2], *sources]))

    def command(self, *arguments: str) -> list[str]:
        """Return the command line that runs the engine here."""
        return [sys.executable, "-P", "-m", "compendium", str(self.root), *arguments]

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment in which the engine runs: as after the door."""
        import os

        kept = {key: value for key, value in os.environ.items() if not key.startswith("COMPENDIUM_")}
        return kept | {"PYTHONPATH": os.pathsep.join([str(self.root / "src"), str(SRC)])} | more

    def run(self, *arguments: str, expect: int = 0, **more: str) -> str:
        """Run the engine and return all that it printed; its exit code must be ``expect``."""
        done = subprocess.run(
            self.command(*arguments), env=self.environment(**more), cwd=self.root, capture_output=True, text=True, timeout=180, check=False,
        )  # fmt: skip
        assert done.returncode == expect, f"exit {done.returncode}, expected {expect}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def outputs(self) -> dict[str, bytes]:
        """Return every output file and its bytes."""
        folders = ("results", "figures", "site", "data/tables")
        files = [path for folder in folders for path in sorted((self.root / folder).rglob("*")) if path.is_file()]
        return {p.relative_to(self.root).as_posix(): p.read_bytes() for p in files if p.name != "run.json"}

    def copy(self, folder: Path) -> "Tiny":
        """Return a copy of this compendium, state included, in another folder."""
        other = object.__new__(Tiny)
        other.root, other.raw = folder / "tiny", folder / "raw"
        shutil.copytree(self.root, other.root)
        shutil.copytree(self.raw, other.raw)
        return other
