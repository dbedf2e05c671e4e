"""Sentences that name an organization or a Compact, with the phrases in them and what the rules say of each."""

from collections.abc import Collection, Iterable, Sequence

import pandas as pd

from compacts.text import rules
from compacts.text.match import Hit, Matcher
from compacts.text.normalise import sha1

NO_ORGANIZATION = "none"
SENTENCE_COLUMNS = ["targets", "words", "categories", "categories_core", "kept", "kept_core", *rules.RULES, "sha1"]
PHRASE_COLUMNS = ["sentence", "category", "layer", "phrase", "start", "about", "negated", "quoted", "hedged"]


def code_sentences(
    sentences: Sequence[str], names: Sequence[Sequence[Hit]], organization_names: pd.DataFrame, phrases: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what each sentence says, and each phrase found in it.

    A phrase that shares letters with a name is none. Layers do not compete: the core alone gives the same hits as the core
    beside the extended layer.

    Parameters
    ----------
    sentences : sequence of str
        Folded sentences.
    names : sequence of sequences of Hit
        The names found in each, as rows of ``organization_names``; places within the sentence.
    organization_names : DataFrame
        ``org_id`` (several are separated by a blank).
    phrases : DataFrame
        ``category``, ``phrase``, ``layer`` (core, extended), ``direction`` (after, before, either), ``case``.

    Returns
    -------
    sentences : DataFrame
        A row a sentence: ``targets``, ``words``; categories found (``categories``, of the core: ``categories_core``) and
        those that pass all rules (``kept``, ``kept_core``), each separated by blanks (missing: none); for each rule whether it took a phrase
        away (``actor``, ``negation``, ``quotation``, ``hedging``); ``sha1``.
    phrases : DataFrame
        A row a hit: ``sentence`` (its number), ``category``, ``layer``, ``phrase``, ``start`` (letters before it), ``about``
        (organizations within the reach of the phrase, separated by blanks; missing: the actor rule fails), ``negated``,
        ``quoted``, ``hedged``.
    """
    matcher = Matcher(phrases.assign(group=phrases["category"] + " " + phrases["layer"]), group="group")
    found = matcher.find_many(sentences)
    organizations = organization_names["org_id"].tolist()
    directions = phrases["direction"].tolist()
    rows = []
    for number, entry, start, end in found.itertuples(index=False, name=None):
        sentence, hit = sentences[number], Hit(entry, start, end)
        if not rules.without_names([hit], names[number]):
            continue
        near = rules.actors(sentence, hit, names[number], directions[entry])
        about = _joined(organizations[name.entry] for name in near)
        judged = rules.negated(sentence, hit), rules.quoted(sentence, hit), rules.hedged(sentence, hit)
        rows.append((number, entry, start, about, *judged))
    hits = pd.DataFrame(rows, columns=["sentence", "entry", "start", "about", "negated", "quoted", "hedged"])
    kinds = {"sentence": "int64", "entry": "int64", "start": "int64", "about": "str"}
    hits = hits.astype({**kinds, "negated": "bool", "quoted": "bool", "hedged": "bool"})
    for column in ("category", "layer", "phrase"):
        hits[column] = phrases[column].to_numpy()[hits["entry"].to_numpy()]
    table = pd.DataFrame({
        "targets": [_joined(organizations[name.entry] for name in listed) for listed in names],
        "words": [len(sentence.split()) for sentence in sentences],
        "sha1": [sha1(sentence) for sentence in sentences],
    })  # fmt: skip
    core = hits["layer"] == "core"
    hits["about"] = hits["about"].mask(hits["about"] == "")
    kept = passes(hits)
    for column, rows_in in (
        ("categories", core | True),
        ("categories_core", core),
        ("kept", kept),
        ("kept_core", core & kept),
    ):
        sets = hits[rows_in].groupby("sentence")["category"].agg(_joined)
        table[column] = sets.reindex(table.index)
    for rule in rules.RULES:
        table[rule] = table.index.isin(hits.loc[~passes(hits, [rule]), "sentence"])
    return table[SENTENCE_COLUMNS], hits[PHRASE_COLUMNS]


def passes(phrases: pd.DataFrame, used: Collection[str] = rules.RULES) -> pd.Series:
    """Return which phrases pass the rules that are used.

    Parameters
    ----------
    phrases : DataFrame
        ``about``, ``negated``, ``quoted``, ``hedged``, as `code_sentences` returns them and ``speech_phrases`` has them.
    used : collection of str
        Of actor, negation, quotation, hedging.

    Examples
    --------
    >>> hits = pd.DataFrame({"about": ["iom", None], "negated": [True, False], "quoted": False, "hedged": False})
    >>> passes(hits).tolist(), passes(hits, ["actor"]).tolist(), passes(hits, []).tolist()
    ([False, False], [True, False], [True, True])
    """
    drops = {
        "actor": phrases["about"].isna(),
        "negation": phrases["negated"],
        "quotation": phrases["quoted"],
        "hedging": phrases["hedged"],
    }
    kept = pd.Series(data=True, index=phrases.index)
    for rule in used:
        kept &= ~drops[rule]
    return kept


def _joined(values: Iterable[str]) -> str:
    """Return the words of texts, each once, sorted, separated by blanks."""
    return " ".join(sorted({word for value in values for word in value.split()}))
