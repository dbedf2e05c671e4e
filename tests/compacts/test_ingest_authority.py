"""Authority datasets: published counts and values are met; damaged files, new bodies and impossible values are refused."""

import csv
from decimal import Decimal

import pandas as pd
import pytest

from compacts.ingest.authority_datasets import access_measures, stata_measures, text_measures
from compacts.ingest.stata_file import read_stata
from compendium.errors import UserError

MEASURES = pd.DataFrame({"measure": ["autonomy"], "column": ["aut3"], "lowest": [0.0], "highest": [1.0]})


@pytest.fixture
def stata(tmp_path):
    """A function that writes a Stata file with these columns."""

    def write(**columns):
        path = tmp_path / "file.dta"
        pd.DataFrame(columns).to_stata(path, write_index=False)
        return path

    return write


@pytest.fixture(scope="module")
def values(table):
    return table("authority_reference")


def one(values, *key):
    return values.set_index(["dataset", "body_id", "year", "measure"])["value"].loc[key]


@pytest.mark.parametrize(
    ("dataset", "bodies", "first", "last"),
    # Hooghe, Lenz and Marks, May 2021: 76; Lall 2023: 54; Sommerer and Tallberg: 50; Gray 2018: 63
    [("mia", 76, 1950, 2019), ("piip", 54, 2008, 2018), ("transaccess", 50, 1950, 2010), ("vigo", 63, 1948, 2013)],
)
def test_bodies_and_years_are_those_published(values, dataset, bodies, first, last):
    rows = values[values["dataset"] == dataset]
    assert (rows["body_id"].nunique(), rows["year"].min(), rows["year"].max()) == (bodies, first, last)


def test_iom_never_changes_and_unhcr_is_not_there_in_measured_authority(values):
    mia = values[values["dataset"] == "mia"]
    iom = mia[mia["body_id"] == "IOM"]
    assert (iom.groupby("measure")["value"].max() == iom.groupby("measure")["value"].min()).all()
    assert one(values, "mia", "IOM", 2019, "delegation") == pytest.approx(0.254, abs=5e-4)
    assert one(values, "mia", "IOM", 2019, "pooling") == pytest.approx(0.526, abs=5e-4)
    assert "unhcr" not in set(mia["org_id"].dropna())
    assert {"iom", "unhcr"} <= set(values.loc[values["dataset"] == "piip", "org_id"])


def test_the_mean_of_all_organizations_in_2019_is_that_of_the_file(values):
    last = values.query("dataset == 'mia' and year == 2019").groupby("measure")["value"].mean()
    assert last["delegation"] == pytest.approx(0.239, abs=5e-4)
    assert last["pooling"] == pytest.approx(0.321, abs=5e-4)


def test_vitality_has_the_shares_that_gray_published(values):
    vitality = values.query("dataset == 'vigo' and measure == 'vitality'")["value"]
    shares = vitality.value_counts(normalize=True)
    # 52, 38 and 10 per cent (Gray 2018); the file has 51.1, 38.4 and 10.4
    assert [shares[3], shares[2], shares[1]] == pytest.approx([0.52, 0.38, 0.10], abs=0.01)


def test_accountability_is_the_sum_of_its_five_indices(values):
    wide = values[values["dataset"] == "agg"].pivot(index=["body_id", "year"], columns="measure", values="value")
    parts = wide[["transparency", "evaluation", "redress", "investigation", "participation"]].sum(axis=1)
    assert (parts - wide["accountability"]).abs().max() < 1e-9


def test_income_of_2018_is_that_of_the_chief_executives_board(table):
    piip = table("piip_year").set_index(["institution", "year"])["income"]
    assert round(piip["IOM", 2018], 1) == 1862.7
    assert round(piip["UNHCR", 2018], 1) == 4338.3


def test_income_adds_up_to_the_raw_column(table, raw):
    with open(raw("piip"), encoding="utf-8", newline="") as file:
        total = sum(Decimal(row["income"]) for row in csv.DictReader(file))
    assert table("piip_year")["income"].sum() == pytest.approx(float(total), rel=1e-9)


def test_single_precision_gets_its_shortest_decimal(stata):
    path = stata(value=pd.Series([0.33, 0.1], dtype="float32"), name=["a", "b"])
    assert read_stata(path, ["value"])["value"].tolist() == [0.33, 0.1]


def test_access_is_summed_up_by_organization_and_year(stata):
    permanence = {f"permanence_{n}": [0.0, 0.5, 0.0] for n in range(2, 6)}
    path = stata(
        IO=["A", "A", "B"], IDIOBO=[1.0, 2.0, 3.0], Year=[2000.0, 2000.0, 2000.0], access=[1.0, 2.0, 0.0],
        openbody=[1.0, 1.0, 0.0], permanence_1=[1.0, 0.0, 0.0], **permanence,
    )  # fmt: skip
    got = access_measures(path).set_index("body_id").loc["A"]
    assert [got["access_mean"], got["access_max"], got["open_share"], got["permanent_share"], got["bodies"]] == [
        1.5, 2.0, 1.0, 0.5, 2.0,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"reo": ["A", "A"], "year": [2000.0, 2000.0], "aut3": [0.5, 0.5]}, "a second time"),
        ({"reo": ["A", "B"], "year": [2000.0, 2000.0], "aut3": [0.5, 7.0]}, "column aut3: got 7.0"),
        ({"reo": ["A", ""], "year": [2000.0, 2000.0], "aut3": [0.5, 0.5]}, "got an empty cell"),
        ({"reo": ["A", "B"], "year": [2000.0, 2000.5], "aut3": [0.5, 0.5]}, "column year: got 2000.5"),
        ({"reo": ["A", "B"], "year": [2000.0, 2000.0], "aut4": [0.5, 0.5]}, "no column 'aut3'"),
    ],
)
def test_damaged_rows_are_refused(stata, columns, expected):
    with pytest.raises(UserError, match=expected):
        stata_measures(stata(**columns), "reo", MEASURES)


def test_text_in_a_number_is_refused_and_na_is_missing(tmp_path):
    path = tmp_path / "file.csv"
    path.write_text("IN,year,aut3\nIOM,2018,NA\n", encoding="utf-8")
    assert text_measures(path, MEASURES)["autonomy"].isna().all()
    path.write_text("IN,year,aut3\nIOM,2018,about half\n", encoding="utf-8")
    with pytest.raises(UserError, match="row 2, column aut3: got 'about half'"):
        text_measures(path, MEASURES)
