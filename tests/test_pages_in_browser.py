"""Every page of ``site/`` in a real browser: wide and light, narrow and dark, with all folds open.

Needs chromium and the two packages of ``tests/browser`` (``npm ci`` there). With COMPENDIUM_REQUIRE_BROWSER=1 their
absence is a failure instead of a skip.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
BROWSER = Path(__file__).parent / "browser"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
# pages of tables are made alike: some of them stand for all
PAGES = [*sorted((ROOT / "site").glob("*.html")), *sorted((ROOT / "site/tables").glob("*.html"))[::25]]

SEEDED = """<!doctype html>
<html><head><meta charset="utf-8"></head><body>
<p style="color: #bbb; background: #fff">Pale text</p>
<img src="https://example.org/x.png">
<table><tr><th></th><td>1</td></tr></table>
<div style="width: 3000px">Too wide</div>
<script>throw new Error("seeded")</script>
</body></html>
"""


def visit(paths: Iterable[Path]) -> list[dict[str, Any]]:
    """Return what the browser found: one record a page, width and scheme."""
    missing = [str(path) for path in (Path(CHROMIUM), BROWSER / "node_modules" / "axe-core") if not path.exists()]
    missing += [] if shutil.which("node") else ["node"]
    if missing:
        reason = f"not here: {', '.join(missing)}; install chromium and run npm ci in tests/browser"
        if os.environ.get("COMPENDIUM_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    command = ["node", str(BROWSER / "axe.mjs"), *map(str, paths)]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=600, check=False, env=os.environ | {"CHROMIUM": CHROMIUM}
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return list(json.loads(done.stdout))


@pytest.fixture(scope="module")
def records() -> list[dict[str, Any]]:
    return visit(PAGES)


@pytest.mark.parametrize(
    "fault", ["violations", "requests", "overflow", "errors"], ids=lambda fault: f"no_{fault}_on_any_page"
)
def test_a_reader_meets(records: list[dict[str, Any]], fault: str):
    assert PAGES
    assert len(records) == 2 * len(PAGES)
    faults = {f"{Path(r['page']).name} at {r['width']} px, {r['scheme']}": r[fault] for r in records if r[fault]}
    assert not faults


def test_the_browser_finds_the_faults_of_a_seeded_page(tmp_path: Path):
    page = tmp_path / "seeded.html"
    page.write_text(SEEDED, encoding="utf-8")
    for record in visit([page]):
        rules = {violation.partition(" ")[0] for violation in record["violations"]}
        assert {"color-contrast", "image-alt", "html-has-lang", "document-title", "empty-table-header"} <= rules
        assert record["requests"] == ["https://example.org/x.png"]
        assert record["overflow"] > 1000
        assert any("seeded" in error for error in record["errors"])
