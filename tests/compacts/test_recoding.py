"""The text that a human reads again is the one that was sampled."""

from pathlib import Path

import pytest

from compacts.recoding import mandate_paragraph, speech_sentence
from compacts.text.normalise import sha1
from compendium.codebook import read_codebooks, rows
from compendium.errors import UserError
from compendium.plan import read_plan
from compendium.sources import RawFiles

ROOT = Path(__file__).resolve().parents[2]


def test_a_sentence_is_shown_between_its_neighbours(tmp_path: Path) -> None:
    path = tmp_path / "USA_73_2018.txt"
    path.write_text("First one. Second   one. Third one.", encoding="utf-8")
    item = {"item": "S1", "document": "USA_73_2018", "position": "1", "sha1": sha1("Second one.")}
    assert speech_sentence(item, [path]) == "[First one.]\nSecond one.\n[Third one.]"
    with pytest.raises(UserError, match="position 2: got a text with sha1"):
        speech_sentence({**item, "position": "2"}, [path])
    with pytest.raises(UserError, match="position 9: got a text with sha1"):
        speech_sentence({**item, "position": "9"}, [path])
    with pytest.raises(UserError, match="got no raw file for USA_74_2019"):
        speech_sentence({**item, "document": "USA_74_2019"}, [path])


def test_every_sampled_text_is_found_in_the_raw_files(raw_folder: Path) -> None:
    plan = read_plan(ROOT)
    for name, show in (("speeches", speech_sentence), ("mandates", mandate_paragraph)):
        book = read_codebooks(plan)[name]
        (paths,) = RawFiles(ROOT, raw_folder).arguments(book.raw, name).values()
        assert isinstance(paths, tuple)
        for item in rows(plan, book.sample)[::10]:
            assert show(item, paths)
