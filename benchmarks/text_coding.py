"""How fast are dictionary entries found?  Against one big regular expression, and against one an entry in a loop.

    .venv/bin/python benchmarks/text_coding.py            (COMPENDIUM_RAW names the folder of raw files, if there is one)

All three find the names, phrases and terms of data/coded in the same sentences: of real speeches where the raw files are
there, and of made-up ones with about as many hits. Results are compared in every run and must be equal. Each of the slow
ways is timed in turn with the matcher, after a warm-up; ratios are taken pair by pair. Building is not timed: expressions
are compiled and the automaton is built beforehand.
"""

import argparse
import os
import random
import re
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests" / "compacts")]

from naive_matching import compiled, expression, pattern_by_pattern, spelled  # noqa: E402

from compacts.text.match import Matcher  # noqa: E402
from compacts.text.normalise import split_sentences  # noqa: E402
from compendium import tables  # noqa: E402

SEED = 20181219
PAIRS = 3
SENTENCES = 1500
SPEECHES = "SarahFranzen/Emotions_in_the_United_Nations_General_Debates/data/data_original/TXT"
LEAST = {"one big expression": 20, "an expression an entry": 80}
COMMON = """
the of and to in a that is for we our this on with by as it be world nations countries people international must all
peace has development have security which from are states not their its will at year council global an more also
"""
Row = tuple[int, int, int, int]


def dictionary() -> pd.DataFrame:
    """Return the entries of three dictionaries, each spelling of each case once."""
    frames = [tables.read_table(name, ROOT) for name in ("organization_names", "phrase_categories", "speech_terms")]
    entries = pd.concat([frame[["phrase", "case"]] for frame in frames], ignore_index=True)
    seen: set[str] = set()
    rows = []
    for phrase, case in entries.itertuples(index=False, name=None):
        ways = {way.lower() for way in spelled(phrase)}
        if not ways & seen:
            rows.append((phrase, case))
            seen |= ways
    return pd.DataFrame(rows, columns=["phrase", "case"])


def real_sentences(folder: Path, number: int) -> list[str]:
    """Return sentences of speeches of all years, drawn by a fixed seed."""
    draw = random.Random(SEED)  # noqa: S311 (a benchmark)
    paths = draw.sample(sorted(folder.glob("*/*.txt")), 120)
    sentences = [line for path in paths for line in split_sentences(path.read_text(encoding="utf-8"))]
    return draw.sample(sentences, number)


def made_up_sentences(entries: pd.DataFrame, number: int) -> list[str]:
    """Return sentences of common and made-up words with phrases of the dictionary among them."""
    draw = random.Random(SEED)  # noqa: S311 (a benchmark)
    common = COMMON.split()
    made = ["".join(draw.choices("abcdefghilmnoprstu", k=draw.randint(4, 9))) for _ in range(3000)]
    phrases = [way.replace("*", "ing") for phrase in entries["phrase"] for way in spelled(phrase)]
    sentences = []
    for _ in range(number):
        words = [draw.choice(common if draw.random() < 0.5 else made) for _ in range(draw.randint(8, 40))]
        for _ in range(draw.choice([0, 0, 1, 1, 1, 2, 3])):
            words.insert(draw.randint(0, len(words)), draw.choice(phrases))
        sentences.append(" ".join(words).capitalize() + ".")
    return sentences


def one_big_expression(entries: pd.DataFrame) -> Callable[[list[str]], list[Row]]:
    """Return a search for all entries in one alternation, those with longer spellings first."""
    parts, exact, ignore, stems = [], {}, {}, []
    for number, (phrase, case) in enumerate(entries.itertuples(index=False, name=None)):
        ways = spelled(phrase)
        pieces = [
            f"(?:{'|'.join(map(expression, sorted(piece.split(','), key=len, reverse=True)))})"
            if odd % 2
            else expression(piece)
            for odd, piece in enumerate(re.split("[{}]", phrase))
        ]
        part = f"(?i:{''.join(pieces)})" if case == "ignore" else "".join(pieces)
        parts.append((-max(map(len, ways)), part))
        stems += [(way.lower().rstrip("*"), number) for way in ways if way.endswith("*")]
        (exact if case == "exact" else ignore).update({way if case == "exact" else way.lower(): number for way in ways})
    alternation = re.compile(rf"(?<!\w)(?:{'|'.join(part for _, part in sorted(parts))})(?!\w)")

    def entry(words: str) -> int:
        small = words.lower()
        if words in exact or small in ignore:
            return exact.get(words, ignore.get(small, -1))
        return next(number for stem, number in stems if small.startswith(stem))

    def search(sentences: list[str]) -> list[Row]:
        return [
            (number, entry(match.group()), match.start(), match.end())
            for number, sentence in enumerate(sentences)
            for match in alternation.finditer(sentence)
        ]

    return search


def seconds(search: Callable[[list[str]], object], sentences: list[str]) -> float:
    """Return the wall time of a search."""
    started = time.perf_counter()
    search(sentences)
    return time.perf_counter() - started


def compare(label: str, sentences: list[str], entries: pd.DataFrame, pairs: int) -> dict[str, float]:
    """Print the median times on some sentences; return the median ratios."""
    matcher = Matcher(entries)
    expressions, groups = compiled(entries), [0] * len(entries)
    slow: dict[str, Callable[[list[str]], list[Row]]] = {
        "one big expression": one_big_expression(entries),
        "an expression an entry": lambda texts: pattern_by_pattern(expressions, groups, texts),
    }
    found = list(matcher.find_many(sentences).itertuples(index=False, name=None))
    letters = sum(map(len, sentences))
    print(
        f"{label}: {len(sentences)} sentences, {letters / 1e6:.2f} million letters, {len(found) / len(sentences):.1f} hits a sentence"
    )
    ratios = {}
    for name, search in slow.items():
        # the warm-up is the comparison
        if search(sentences) != found:
            sys.exit(f"{label}: {name} and the matcher differ")
        times = [(seconds(search, sentences), seconds(matcher.find_many, sentences)) for _ in range(pairs)]
        ratios[name] = statistics.median(a / b for a, b in times)
        ours = statistics.median(b for _, b in times)
        print(
            f"  {name}: equal results, median {statistics.median(a for a, _ in times):.2f} s, matcher {ours:.3f} s ({letters / ours / 1e6:.0f} MB/s): {ratios[name]:.0f} times as fast"
        )
    return ratios


def main() -> None:
    """Print times and ratios; exit 1 where a ratio is below what is asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sentences", type=int, default=SENTENCES)
    parser.add_argument("--pairs", type=int, default=PAIRS)
    options = parser.parse_args()
    entries = dictionary()
    print(f"{len(entries)} entries, {sum(len(spelled(phrase)) for phrase in entries['phrase'])} spellings")
    sets = {"made-up sentences": made_up_sentences(entries, options.sentences)}
    folder = Path(os.environ.get("COMPENDIUM_RAW") or ROOT / "data/raw") / SPEECHES
    if folder.is_dir():
        sets["real sentences"] = real_sentences(folder, options.sentences)
    low = []
    for label, sentences in sets.items():
        for name, ratio in compare(label, sentences, entries, options.pairs).items():
            low += [f"{label}, {name}: {ratio:.0f} times, asked for {LEAST[name]}"] if ratio < LEAST[name] else []
    sys.exit("\n".join(low) or None)


if __name__ == "__main__":
    main()
