"""What the notes on authority say: the eight answers of each exhibit's note, with places for its numbers."""

from collections.abc import Mapping

NOTES: Mapping[str, Mapping[str, str]] = {
    "samples": {
        "shown": "Texts read, how many there are to sample from, and how many are not independent of another one.",
        "source": "Tables documents, speech_sample and mandate_sample with their readings; hashes tell equal texts.",
        "observations": (
            "{n} texts; {on_compacts} sentences on a Compact and {undated} undated paragraphs are not counted here."
        ),
        "uncertainty": "None in the counts; how many documents the first set was found among is not known.",
        "comparison": "The sets with one another: only the second and third can speak for a population.",
        "method": (
            "Clusters: documents found by one query; sentences and paragraphs of one document or equal word for word,"
            " and chains of both. All intervals treat a cluster as one draw."
        ),
        "sensitivity": (
            "A sentence that names two organizations is two items of one cluster; the table after the figures of "
            "resolutions gives intervals without clusters."
        ),
        "limits": "English texts and English translations alone; openings of documents, not whole documents.",
    },
    "agreement": {
        "shown": (
            "Krippendorff's alpha of each code, by set of texts; dashed at .667 and .800; ticks: within each group."
        ),
        "source": "Tables document_readings (main readings), speech_readings and mandate_readings.",
        "observations": "{texts}.",
        "uncertainty": (
            "{level} percentile bootstrap over clusters, {draws} draws; it does not know errors that both readers "
            "share. Rare codes have the widest intervals."
        ),
        "comparison": "With Krippendorff's floors, and codes with one another.",
        "method": (
            "Alpha corrects for chance and takes any level of measurement; strength is ordinal, all others are nominal."
        ),
        "sensitivity": (
            "Rare codes have low alphas at the same share of slips: the table below and the data give the prevalence."
        ),
        "limits": "Two passes of one kind of machine agree more than two people would.",
    },
    "flagged": {
        "shown": "Codes with too little agreement, over all texts or within one group of organizations.",
        "source": "Tables document_readings, speech_readings and mandate_readings.",
        "observations": "{n} rows from {codes} codes over all texts and in three groups.",
        "uncertainty": "Lower ends of {level} intervals; within groups alpha alone, since groups are small.",
        "comparison": "With .667, Krippendorff's floor for tentative conclusions.",
        "method": "The rule was written into the design of the index, and is applied to every code.",
        "sensitivity": "Recognition and resources are near the floor: other draws may move them across it.",
        "limits": "A code that passes may still be misread by both readers alike.",
    },
    "claims": {
        "shown": (
            "Share of documents with each claim and stance, and the autonomy index (demand less service: a document "
            "counts −100, 0 or 100 per cent), by organization and period."
        ),
        "source": (
            "Tables documents and document_readings, main readings; a code on which the readers differ counts half."
        ),
        "observations": "{n} documents; peers are {peers}.",
        "uncertainty": (
            "{level} intervals with documents of one query as a cluster (Wilson's, for the index Student's), for "
            "documents like these; how documents were found is in no interval."
        ),
        "comparison": (
            "IOM with UNHCR and peers, each with itself before, and the index with zero, where demands and services "
            "balance."
        ),
        "method": (
            "Plain shares, because the sample has no probabilities; an index of two codes, because each alone can "
            "rise with mere length of text."
        ),
        "sensitivity": "Genres and grids of queries differ by period: the next figure holds them still.",
        "limits": "Openings of web pages in English; the index says how an organization speaks, not what it dares.",
    },
    "ways": {
        "shown": (
            "Change from the years up to 2015 to those since 2019, in points, in all documents and at equal "
            "composition."
        ),
        "source": "Tables documents and document_readings.",
        "observations": (
            "Documents used stand beside each way; {left_out} of IOM at most lie in a cell without a match in the "
            "other period and are left out."
        ),
        "uncertainty": (
            "{level} intervals: Welch's, with one variance for each period within cells; with queries as clusters, "
            "normal."
        ),
        "comparison": "IOM with UNHCR, and with no change.",
        "method": (
            "Direct standardisation: both periods are given the mixture of genres, grids or lengths (thirds of words "
            "read) of the two together."
        ),
        "sensitivity": "{dated}",
        "limits": "Ways share documents and are not independent tests; composition within a genre can still change.",
    },
    "recognition": {
        "shown": (
            "Share of sentences of General Debate speeches that name an organization, by what they grant it and what "
            "the state does towards it."
        ),
        "source": "Tables speech_sample and speech_readings; weighted by the known probabilities.",
        "observations": "{n} sentences read of {of} that name an organization since 1990; all {iom} on IOM.",
        "uncertainty": (
            "{level} Wilson intervals for the effective number, clustered on speech and wording, as if sentences were"
            " drawn from what states could have said."
        ),
        "comparison": "IOM with UNHCR and peers, and periods with one another.",
        "method": "Weighted shares by stratum, because peers were sampled thinly.",
        "sensitivity": "Codes marked † are read too unsurely; the models correct for errors of reading.",
        "limits": "IOM is named {iom} times in all: that it is named so rarely is itself the finding.",
    },
    "delegation": {
        "shown": "Operative paragraphs that name an organization: strength of the verb, and what they leave to it.",
        "source": "Tables mandate_sample and mandate_readings; documents cited in the budget for 2026.",
        "observations": "{n} dated paragraphs read; all {iom} on IOM.",
        "uncertainty": (
            "{level} intervals clustered on document and wording, as if paragraphs were drawn; cut at the ends of the"
            " scale."
        ),
        "comparison": "IOM with UNHCR and with peers.",
        "method": "Weighted means by stratum.",
        "sensitivity": "Old documents are those still cited, so the first period is a selection of the durable.",
        "limits": (
            "A strong verb in a weak resolution is still weak; organs differ, and the next notebook holds them still."
        ),
    },
    "repeats": {
        "shown": "Means since 2019 with intervals as if texts were independent, clustered, and from texts that differ.",
        "source": "Tables speech_sample and mandate_sample with their readings.",
        "observations": "{n} rows; equal texts in a stratum count once in the last column.",
        "uncertainty": "{level} intervals, Wilson's for shares, Student's for strength.",
        "comparison": "The three columns of intervals with one another.",
        "method": "Deviations from the stratum's mean are summed within a cluster before they are squared.",
        "sensitivity": ("With a handful of clusters, as of IOM's first period, such intervals may still be too short."),
        "limits": "A paragraph that is taken over with a changed word counts as another text of another document.",
    },
    "dictionary": {
        "shown": (
            "Precision and recall in sentences of speeches, and the dictionary's share less the readers', by "
            "organization and by period."
        ),
        "source": "Tables speech_sentences (dictionary and rules) and speech_readings; weighted to the population.",
        "observations": "{n} sentences; beside each code: per cent of sentences that have it by the readers.",
        "uncertainty": (
            "{level} normal intervals for the bias, clustered; none for precision and recall: a code in five per cent"
            " of sentences rests on two dozen of them."
        ),
        "comparison": "Dictionary with readers; organizations and periods with one another.",
        "method": (
            "Phrases by category with rules for negation, quotation, hedging and actor; written before the comparison."
        ),
        "sensitivity": (
            "Errors that differ by period fake effects; the next notebook corrects for them with these readings."
        ),
        "limits": "The readers are taken as the truth here, which they are not.",
    },
    "dictionary_parts": {
        "shown": "F1, from 0 to 1, over all sentences, for each group of organizations and each period.",
        "source": "Tables speech_sentences and speech_readings; weighted to the population.",
        "observations": "{n} codes; sentences by part: {parts}. Empty: the dictionary or the readers found nothing.",
        "uncertainty": (
            "None is shown: for rare codes a cell rests on a handful of sentences, and one slip moves it by tenths."
        ),
        "comparison": "Each cell with its row's first.",
        "method": "The harmonic mean of precision and recall.",
        "sensitivity": "Codes marked † are unsure in the readings themselves.",
        "limits": "F1 says nothing of direction: the figure above shows it.",
    },
    "faces": {
        "shown": (
            "Four faces of authority since 2016 (money: {money_from} to 2024) and one outside measure, for {n} "
            "organizations."
        ),
        "source": "Readings as above; finance_entity_year; piip_year.",
        "observations": "{known}.",
        "uncertainty": (
            "Lines: {level} intervals, clustered; peers rest on {least} to {most} paragraphs each, and most ranks "
            "could change places."
        ),
        "comparison": "Organizations with one another on each face alone: the scales have no common unit.",
        "method": (
            "Means of codes, weighted where texts were sampled; free money is dues and core gifts (gifts without a "
            "purpose) over revenue."
        ),
        "sensitivity": "Ranks of neighbours change with a text or two.",
        "limits": (
            "Not comparable: faces with one another; own words of organizations found by other queries (peers); UNHCR"
            " with MIA, which does not rate it; PIIP after 2018."
        ),
    },
    "outside": {
        "shown": (
            "Spearman's rank correlation of each face with outside measures of autonomy, delegation and accountability."
        ),
        "source": "piip_year (mean of the years rated) and authority_reference (MIA, AGG: last year).",
        "observations": (
            "{least} to {most} organizations a cell. Pairs with fewer than {fewest} are left out: MIA has {mia} of these "
            "organizations, and with four no p-value can be below one in twelve."
        ),
        "uncertainty": (
            "The p-value of each cell alone, over all orders of the organizations or 9,999 random ones; many cells "
            "are looked at, so one small p is nothing."
        ),
        "comparison": "With no correlation.",
        "method": "Ranks, because the scales differ; permutation, because organizations are few.",
        "sensitivity": "Each organization carries a tenth or more of every number.",
        "limits": (
            "Agreement was expected with PIIP's autonomy at most: the others measure rules on paper, and other years."
        ),
    },
}


def note_on(exhibit: str, **numbers: object) -> dict[str, str]:
    """Return the answers of an exhibit's note, with its numbers in their places.

    Examples
    --------
    >>> note_on("repeats", n=9, level="95 %")["observations"]
    '9 rows; equal texts in a stratum count once in the last column.'
    """
    return {question: answer.format(**numbers) for question, answer in NOTES[exhibit].items()}
