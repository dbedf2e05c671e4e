"""Texts coded by declared rules: dictionaries and instruments are in ``data/coded``.

``normalise``        white space, hashes, where sentences end
``match``            the entries of a dictionary, found in one pass, and the notation of phrases
``rules``            what the words around a phrase do to it: actor, negation, quotation, hedging
``named_sentences``  sentences that name an organization or a Compact, with their phrases
``operative``        the verbs that govern the clauses of operative paragraphs, and their strength
``addressee``        how a paragraph addresses an organization
``temporal``         terms, extensions, reviews, ends and duties to report
"""
