"""The tests of the hypotheses on authority (A), recognition (D) and overlap (E), each by its declared design."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from compacts import claim_models as claims
from compacts import delegation_models as delegation
from compacts import mention_models as mentions
from compacts.authority import PERIODS
from compacts.authority_verdicts import Tested
from compacts.coded_populations import Coded, cell_means, cells_contrast
from compacts.stats.contrasts import Contrast, contrast
from compacts.stats.shares import compare_shares
from compendium.errors import UserError

OTHERS = ("UNHCR", "peers")

TRACKED = "Financial Tracking Service"  # of OCHA


def attempt(test: Callable[[], Tested]) -> Tested:
    """Return what a test finds, or why it could not be done."""
    try:
        return test()
    except UserError as error:
        return Tested.impossible(str(error))


def claimed_tests(frame: pd.DataFrame, confidence: float, draws: int, seed: int) -> dict[str, Tested]:
    """Test A1 to A6 and E1, E4, E5 on the organizations' own words.

    Parameters
    ----------
    frame
        As :func:`compacts.claim_models.documents_coded` gives it.
    confidence
        Of the intervals.
    draws, seed
        Of the bootstrap of A6.
    """

    def of(outcome: str, group: str, after: str, before: str, less: Sequence[str] = OTHERS) -> Tested:
        fit = claims.fit_outcome(frame, outcome)
        return Tested.of(claims.change(fit, frame, group, after, before, less), confidence, claims.OUTCOMES[outcome][1])

    return {
        "A1": attempt(lambda: of("claims", "IOM", "between", "before")),
        "A2": attempt(lambda: of("claims", "IOM", "since", "between")),
        "A3": attempt(lambda: of("moral_over_other", "IOM", "since", "before", ())),
        "A4": attempt(lambda: of("leadership_over_service", "IOM", "since", "before", ())),
        "A5": attempt(lambda: of("claims", "UNHCR", "since", "before", ("peers",))),
        "A6": attempt(
            lambda: Tested.of(claims.grounds_widened(frame, "IOM", "since", "between", draws, seed), confidence)
        ),
        "E1": attempt(lambda: both_rise(frame, confidence)),
        "E4": attempt(lambda: mixed_words_where(frame)),
        "E5": attempt(lambda: demarcates(frame, confidence)),
    }


def both_rise(frame: pd.DataFrame, confidence: float) -> Tested:
    """E1: IOM's texts on refugees and UNHCR's on migrants; the smaller rise and the larger p-value speak for both."""
    found = []
    for group, outcome in (("IOM", "refugees"), ("UNHCR", "migrants")):
        own = frame[frame["group"] == group]
        fit = claims.fit_outcome(own, outcome, groups=(group,))
        found.append(Tested.of(claims.change(fit, own, group, "since", "before"), confidence, 100.0))
    weaker = min(found, key=lambda test: test.estimate)
    return replace(
        weaker, p_value=max(test.p_value for test in found), n=sum(test.n for test in found),
        method=f"{weaker.method}; intersection-union of two",
    )  # fmt: skip


def mixed_words_where(frame: pd.DataFrame) -> Tested:
    """E4: whether UNHCR's texts on countries speak of migrants or mixed movements at all, so that IOM's presence could matter."""
    local = frame[(frame["group"] == "UNHCR") & frame["place"].str.fullmatch("[A-Z]{3}").fillna(value=False)]
    speaking = int((local["migrants"] > 0).sum())
    if speaking == 0:
        return Tested.impossible(
            f"none of UNHCR's {len(local)} texts on one country is coded as on migrants or on mixed movements: nothing varies", len(local)
        )  # fmt: skip
    return Tested.impossible(
        f"only {speaking} of UNHCR's {len(local)} texts on one country are coded so: too few for a panel of countries", len(local)
    )  # fmt: skip


def demarcates(frame: pd.DataFrame, confidence: float) -> Tested:
    """E5: among texts that do one or the other, the share that sets the own role apart, less one half."""
    apart, together = (frame["demarcate"] > 0) & (frame["cooperate"] == 0), frame["cooperate"] > 0
    own = frame["group"].isin(["IOM", "UNHCR"])
    yes, n = int((apart & own).sum()), int(((apart | together) & own).sum())
    if n == 0:
        raise UserError("E5: got no text that cooperates or sets apart, expected some; choose other readers")
    found = binomtest(yes, n, 0.5)
    ends = found.proportion_ci(confidence, method="wilson")
    return Tested(
        100 * (yes / n - 0.5), 100 * (ends.low - 0.5), 100 * (ends.high - 0.5), float(found.pvalue), float("nan"), n, 0,
        "exact binomial test, Wilson's interval",
    )  # fmt: skip


def plans_of_years(plans: pd.DataFrame) -> pd.DataFrame:
    """Return the plans of the years 2011 to 2025, each once a year, with ``both`` (its name has refugees and migrants).

    From the Financial Tracking Service alone, which has all plans; the table's two sources are not to be added. Money outside of plans
    is no plan.
    """
    chosen = plans[plans["in_plan"] & plans["source"].eq(TRACKED) & plans["year"].between(2011, 2025)]
    each = chosen.drop_duplicates(["plan", "year"])
    return each.assign(both=each["names_refugees"] & each["names_migrants"])


def joint_plans(plans: pd.DataFrame, adopted: str, confidence: float) -> Tested:
    """E2: the share of appeals of a year that name refugees and migrants both, after the year of the Compacts against before.

    Parameters
    ----------
    plans
        The table appeal_country_year; see :func:`plans_of_years`.
    adopted
        Day of the Compact; its year is the last before.
    """
    each = plans_of_years(plans)
    late, both = each["year"] > int(adopted[:4]), each["both"]
    if late.all() or not late.any():
        return Tested.impossible(
            f"got no plan on one side of {adopted[:4]}, expected some on both; choose another day", len(each)
        )
    found = compare_shares(
        (int((both & late).sum()), int((both & ~late).sum())), (int(late.sum()), int((~late).sum())), confidence
    )
    return Tested(
        100 * found.difference, 100 * found.low, 100 * found.high, found.p_value, float("nan"), len(each), 0,
        "Fisher's exact test, Newcombe's interval; plans of a year",
    )  # fmt: skip


def mention_tests(frame: pd.DataFrame, rows: pd.DataFrame, after: int, confidence: float) -> dict[str, Tested]:
    """Test D1 and D2: growth of IOM's mentions by states, alone and against the growth of its claims (logarithms of ratios).

    Parameters
    ----------
    frame
        As :func:`compacts.claim_models.documents_coded` gives it.
    rows
        As :func:`compacts.mention_models.speeches_by_organization` gives it.
    after
        First year of the later period of speeches.
    """

    def mentioned() -> Contrast:
        fit = mentions.mention_change(rows, after, confidence, ["iom"])
        return mentions.of_panel(fit, "after", "Poisson with effects of states, covariance clustered on states")

    def less_than_claims() -> Tested:
        # claims since the entry into the UN system, as the mentions: both later eras, by their numbers of documents
        own = frame[(frame["group"] == "IOM") & frame["era"].isin(claims.ERAS)]
        share = own["era"].value_counts()[["between", "since"]].pipe(lambda counts: counts / counts.sum())
        fit = claims.fit_outcome(frame, "claims")
        parts = {era: (claims.as_in(own, era), float(share[era])) for era in ("between", "since")}
        claimed = contrast(fit, parts | {"before": (claims.as_in(own, "before"), -1.0)}, logarithm=True)
        said = mentioned()
        error = float(np.hypot(claimed.std_error, said.std_error))
        both = Contrast(
            said.estimate - claimed.estimate, error, len(own) + said.n, said.clusters, "difference of two logarithms of ratios, errors added"
        )  # fmt: skip
        return Tested.of(both, confidence)

    return {"D1": attempt(lambda: Tested.of(mentioned(), confidence)), "D2": attempt(less_than_claims)}


def coded_tests(read: pd.DataFrame, moral: Coded, confidence: float) -> dict[str, Tested]:
    """Test D3 (resolutions: coordinator over holder of norms) and D4 (speeches: UNHCR's moral standing over IOM's).

    Parameters
    ----------
    read
        As :func:`compacts.delegation_models.strengths_read` gives it.
    moral
        Sentences with the code ``ground_moral``.
    """

    def moral_gap() -> Tested:
        units = moral.units
        weights: dict[str, float] = {}
        for group, sign in (("UNHCR", 1.0), ("IOM", -1.0)):
            own = units[units["group"] == group]["period"].value_counts(normalize=True)
            weights |= {f"{group} {period}": sign * float(own.get(period, 0.0)) for period in PERIODS}
        return Tested.of(cells_contrast(cell_means(moral), weights, factor=100.0), confidence)

    return {
        "D3": attempt(lambda: Tested.of(delegation.coordinator_over_norms(read, "IOM"), confidence, 100.0)),
        "D4": attempt(moral_gap),
    }
