"""Starts the engine as run_all.py does: ``python -m compendium ROOT [COMMAND] [OPTIONS]``."""

import sys
from pathlib import Path

STAMP = Path(".venv", "compendium-stamp.json")


def start(root: Path, arguments: list[str]) -> int:
    """Run a command and return its exit code; a package lost from ``.venv`` has the door make it anew."""
    try:
        from compendium.cli import main

        return main(arguments, root)
    except KeyboardInterrupt:
        return 130
    except ModuleNotFoundError as error:
        package = str(error.name).split(".")[0]
        if package == "compendium":
            raise
        ours = Path(sys.prefix).resolve() == (root / STAMP).resolve().parent
        if ours:
            (root / STAMP).write_text("{}", encoding="utf-8")
        remedy = "run again: .venv is made anew" if ours else "install requirements.lock into the active environment"
        print(f"run_all.py: the package {package} is missing; {remedy}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(start(Path(sys.argv[1]), sys.argv[2:]))
