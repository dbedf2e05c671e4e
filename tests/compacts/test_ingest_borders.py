"""Land borders: from both sides, Kosovo under one code."""

import json

import pytest

from compacts.ingest.borders import country_borders
from compendium.errors import UserError


def test_a_border_from_one_side_is_none(tmp_path):
    path = tmp_path / "countries.json"
    path.write_text(json.dumps([
        {"cca3": "IND", "borders": ["NPL"]}, {"cca3": "NPL", "borders": ["IND"]}, {"cca3": "LKA", "borders": ["IND"]},
        {"cca3": "UNK", "borders": ["ALB"]}, {"cca3": "ALB", "borders": ["UNK"]},
    ]))  # fmt: skip
    made = country_borders(path)
    assert made["country_borders"].to_numpy().tolist() == [
        ["ALB", "XKX"],
        ["IND", "NPL"],
        ["NPL", "IND"],
        ["XKX", "ALB"],
    ]
    assert made["ingest_borders"].set_index("outcome")["rows"].to_dict() == {"kept": 4, "dropped": 1}
    path.write_text(json.dumps([{"cca3": "IND"}]))
    with pytest.raises(UserError, match=r"countries.json, entry 1: got no key borders"):
        country_borders(path)


def test_china_and_russia_have_fourteen_neighbours_each(table):
    counts = table("country_borders").groupby("code").size()
    # China's fourteen and its two special administrative regions
    assert counts["CHN"] == 16
    assert counts["RUS"] == 14
