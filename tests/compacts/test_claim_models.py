"""Own words: eras of dates, outcomes of documents, changes against raw means, and diversity against published values."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from made_up_texts import documents

from compacts import claim_models as claims
from compacts.authority import CLAIMS
from compacts.claim_models import ERAS
from compendium.errors import UserError

ENTERED, ADOPTED = "2016-09-19", "2018-12-10"
# Spiders of the Harvard Forest (Ellison and others 2010) in two treatments; the R package iNEXT ships and prints them: observed
# Shannon diversity (Hill number of order 1) 12.060 and 14.421
GIRDLED = [46, 22, 17, 15, 15, 9, 8, 6, 6, 4, 2, 2, 2, 2] + [1] * 12
LOGGED = [88, 22, 16, 15, 13, 10, 8, 8, 7, 7, 7, 5, 4, 4, 4, 3, 3, 3, 3, 2, 2, 2, 2] + [1] * 14


@pytest.fixture(scope="module")
def frame():
    return claims.documents_coded(*documents(), ENTERED, ADOPTED)


@settings(max_examples=15)
@example(pd.Timestamp("2016-01-01").date())
@example(pd.Timestamp("2016-09-30").date())
@example(pd.Timestamp("2018-03-01").date())
@example(pd.Timestamp("2018-12-09").date())
@example(pd.Timestamp("2018-12-10").date())
@given(st.dates(min_value=pd.Timestamp("2010-01-01").date(), max_value=pd.Timestamp("2024-12-31").date()))
def test_a_date_cut_short_has_an_era_only_where_all_its_days_have_that_one(day):
    def era(one: pd.Timestamp) -> str:
        return ERAS[int(one >= pd.Timestamp(ENTERED)) + int(one >= pd.Timestamp(ADOPTED))]

    text = day.isoformat()
    for length, freq in ((10, "D"), (7, "M"), (4, "Y")):
        days = pd.Period(text[:length], freq=freq)
        among = {era(one) for one in pd.date_range(days.start_time, days.end_time, freq="D")}
        found = claims.era_of(pd.Series([text[:length]]), ENTERED, ADOPTED)[0]
        assert found == among.pop() if len(among) == 1 else pd.isna(found)


def test_no_date_has_no_era_and_cuts_out_of_order_are_refused():
    assert claims.era_of(pd.Series([None, "2020"]), ENTERED, ADOPTED).isna().tolist() == [True, False]
    for later in (ENTERED, "2016-01-01"):
        with pytest.raises(UserError, match="expected the first before the second"):
            claims.era_of(pd.Series(["2020"]), ENTERED, later)


def test_outcomes_of_a_document_are_means_of_its_readers(frame):
    table, readings = documents()
    row = frame.iloc[7]
    own = readings[readings["document_id"] == row["document_id"]]
    assert row["claims"] == pytest.approx(own[list(CLAIMS)].sum(axis=1).mean())
    assert row["autonomy"] == pytest.approx((own["demand"] - own["service"]).mean())
    assert row["moral_over_other"] == pytest.approx((own["moral"] - (own["expert"] + own["capacity"]) / 2).mean())
    assert row["leadership_over_service"] == pytest.approx(
        ((own["demand"] + own["convening"]) / 2 - own["service"]).mean()
    )
    assert row["refugees"] == own["object"].isin(["refugee", "mixed"]).mean()
    assert row["migrants"] == own["object"].isin(["migrant", "mixed"]).mean()
    assert (row["cooperate"], row["demarcate"]) == (
        (own["other_io"] == "cooperate").mean(),
        (own["other_io"] == "demarcate").mean(),
    )
    assert row["log_words"] == pytest.approx(np.log(own["words_read"].mean()))
    assert frame["speech"].sum() == (table["genre"] == "speech").sum()
    assert frame["other_genre"].sum() == (table["genre"] == "report").sum()


def test_readers_and_second_readings_count_as_asked_for():
    table, readings = documents()
    alone = claims.documents_coded(table, readings, ENTERED, ADOPTED, ["A"])
    first = readings[readings["reader"] == "A"].set_index("document_id")
    assert alone.set_index("document_id")["moral"].to_dict() == first["moral"].to_dict()
    assert alone.set_index("document_id")["refugees"].to_dict() == first["object"].isin(["refugee", "mixed"]).to_dict()
    more = pd.concat([readings, readings.assign(main=0, reader="C", moral=1, object="none")])
    again = claims.documents_coded(table, more, ENTERED, ADOPTED)
    pd.testing.assert_frame_equal(again, claims.documents_coded(table, readings, ENTERED, ADOPTED))


def test_in_a_balanced_design_changes_are_raw_differences_of_means(frame):
    # length and genre are the same in every group and era, so that holding them changes nothing
    for outcome in ("autonomy", "moral_over_other", "leadership_over_service"):
        mean = frame.groupby(["group", "era"])[outcome].mean()
        fit = claims.fit_outcome(frame, outcome)
        own = mean["IOM", "since"] - mean["IOM", "before"]
        assert claims.change(fit, frame, "IOM", "since", "before").estimate == pytest.approx(own)
        others = (
            sum(mean[name, "since"] - mean[name, "before"] for name in ("UNHCR", "peers")) / 2
        )  # as many documents each
        found = claims.change(fit, frame, "IOM", "since", "before", ["UNHCR", "peers"])
        assert found.estimate == pytest.approx(own - others)


def test_changes_of_shares_and_counts_are_those_of_a_model_fitted_by_formula(frame):
    import statsmodels.formula.api as smf
    from statsmodels.genmod.families import Poisson

    formula = "claims ~ C(group) * C(era) + log_words + speech + other_genre"
    other = smf.glm(formula, frame, family=Poisson()).fit()
    own = frame[frame["group"] == "IOM"]
    means = {era: other.predict(own.assign(era=era)).mean() for era in ERAS}
    fit = claims.fit_outcome(frame, "claims")
    assert claims.change(fit, frame, "IOM", "between", "before").estimate == pytest.approx(
        means["between"] - means["before"]
    )
    ratio = claims.change(fit, frame, "IOM", "since", "before", logarithm=True).estimate
    assert ratio == pytest.approx(np.log(means["since"] / means["before"]))
    assert claims.scaled(claims.change(fit, frame, "IOM", "since", "before"), 100).estimate == pytest.approx(
        100 * (means["since"] - means["before"])
    )


def test_a_model_of_one_group_is_the_difference_within_it(frame):
    own = frame[frame["group"] == "UNHCR"]
    fit = claims.fit_outcome(own, "autonomy", groups=("UNHCR",))
    mean = own.groupby("era")["autonomy"].mean()
    assert claims.change(fit, own, "UNHCR", "since", "between").estimate == pytest.approx(
        mean["since"] - mean["between"]
    )
    assert (len(fit.design), "UNHCR" in fit.design) == (len(own), False)


def test_documents_without_an_era_are_in_no_model_and_clusters_are_counted(frame):
    some = frame.assign(era=frame["era"].where(frame.index % 10 != 0), query=frame.index % 9)
    fit = claims.fit_outcome(some, "autonomy", "query")
    assert (len(fit.design), fit.clusters) == (int((frame.index % 10 != 0).sum()), 9)


def test_a_group_without_documents_in_an_era_is_refused_by_name(frame):
    with pytest.raises(UserError, match="autonomy: got no document of UNHCR in the era 'between'"):
        claims.fit_outcome(frame[(frame["group"] != "UNHCR") | (frame["era"] != "between")], "autonomy")
    with pytest.raises(UserError, match=r"claims: got .*no finite estimate"):
        claims.fit_outcome(
            frame.assign(claims=frame["claims"].where((frame["group"] != "IOM") | (frame["era"] != "since"), 0.0)),
            "claims",
        )


def test_the_effective_number_is_the_published_shannon_diversity_of_two_forests():
    counts = np.zeros((2, 37))
    counts[0, : len(GIRDLED)], counts[1] = GIRDLED, LOGGED
    assert claims.effective_number(counts) == pytest.approx([12.060, 14.421], abs=5e-4)


def test_the_effective_number_of_even_grounds_is_their_number_and_of_none_is_missing():
    found = claims.effective_number(np.array([[2, 2, 2, 0, 0], [7, 0, 0, 0, 0], [0, 0, 0, 0, 0]]))
    assert found[:2] == pytest.approx([3, 1])
    assert np.isnan(found[2])


def test_grounds_that_widen_are_told_with_the_error_of_redrawn_documents(frame):
    own = frame[frame["group"] == "IOM"].copy()
    early = own["era"] == "between"
    own.loc[early, [name for name in CLAIMS if name != "moral"]] = 0.0
    found = claims.grounds_widened(own, "IOM", "since", "between", 4000, 1)
    late = claims.effective_number(own.loc[own["era"] == "since", list(CLAIMS)].sum().to_numpy()[None, :])[0]
    assert found.estimate == pytest.approx(late - 1)
    rng, codes = np.random.default_rng(9), own.loc[own["era"] == "since", list(CLAIMS)].to_numpy()
    again = [
        claims.effective_number(codes[rng.integers(0, len(codes), len(codes))].sum(axis=0)[None, :])[0]
        for _ in range(2000)
    ]
    assert found.std_error == pytest.approx(np.std(again), rel=0.1)
    assert (found.n, found.clusters) == (24, 0)
    assert claims.grounds_widened(own, "IOM", "since", "between", 500, 3) == claims.grounds_widened(
        own, "IOM", "since", "between", 500, 3
    )


def test_draws_without_a_claim_and_eras_without_one_are_never_a_number(frame):
    own = frame[frame["group"] == "IOM"].copy()
    early = own.index[own["era"] == "between"]
    own.loc[early[:-2], list(CLAIMS)] = 0.0
    own.loc[early[-2:], list(CLAIMS)] = [[1.0, 1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0, 0.0]]
    assert np.isfinite(claims.grounds_widened(own, "IOM", "since", "between", 300, 1).std_error)
    for kept, number in ((own.drop(early[-1:]), 1), (own.drop(early[-2:]), 0), (own.drop(early), 0)):
        with pytest.raises(UserError, match=f"got {number} documents with a claim in the era 'between'"):
            claims.grounds_widened(kept, "IOM", "since", "between", 300, 1)
    own[list(CLAIMS)] = [1.0, 0.5, 0.5, 0.0, 0.0]
    assert claims.grounds_widened(own, "IOM", "since", "between", 300, 1).std_error == 0.0
