"""Land borders between countries and areas."""

from pathlib import Path

import pandas as pd

from compacts.ingest.raw_file import AGAIN, ingest_log, read_json, shown
from compendium.errors import UserError


def country_borders(countries: Path) -> dict[str, pd.DataFrame]:
    """Return ``country_borders``, each border from both sides, and its log.

    Parameters
    ----------
    countries : Path
        JSON with ``cca3`` and ``borders`` of every country or area.

    Raises
    ------
    UserError
        When the file is damaged, lacks a key, or has no border from both sides.
    """
    pairs: set[tuple[str, str]] = set()
    for number, entry in enumerate(read_json(countries), start=1):
        lost = [key for key in ("cca3", "borders") if key not in entry]
        if lost:
            raise UserError(f"{shown(countries)}, entry {number}: got no key {', '.join(lost)}; {AGAIN}")
        pairs |= {(str(entry["cca3"]), str(other)) for other in entry["borders"]}
    # this list calls Kosovo UNK; elsewhere the code means unknown
    pairs = {("XKX" if one == "UNK" else one, "XKX" if other == "UNK" else other) for one, other in pairs}
    both = {pair for pair in pairs if pair[::-1] in pairs}
    if not both:
        raise UserError(
            f"{shown(countries)}: got {len(pairs)} borders and none from both sides, expected some; {AGAIN}"
        )
    table = pd.DataFrame(sorted(both), columns=["code", "neighbour"])
    log = ingest_log([
        ("country_borders", "st_mledoze", "kept", "borders, from both sides", "pairs", len(table)),
        ("country_borders", "st_mledoze", "dropped", "from one side only: no land border", "pairs", len(pairs - both)),
    ])  # fmt: skip
    return {"country_borders": table, "ingest_borders": log}
