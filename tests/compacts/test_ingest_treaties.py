"""Treaties: parties as the UN counts them; status ends with its source; days and letters are read as the lists write them."""

import csv
import re

import pandas as pd
import pytest

from compacts.ingest.treaties import treaty_actions, treaty_status
from compendium.errors import UserError

# UN Treaty Collection: 145 and 146 parties until 2018; 57 parties to the convention on migrant workers in mid-2022
PARTIES = {"refugee_convention_1951": 145, "refugee_protocol_1967": 146, "migrant_workers_convention": 57}
ARGUMENTS = [
    "convention_1951", "protocol_1967", "stateless_1954", "stateless_1961", "migrant_workers", "organized_crime",
    "trafficking", "smuggling",
]  # fmt: skip


@pytest.fixture
def files(tmp_path):
    """A function that writes the same two participants in each list, and the list of 2022."""
    members = pd.DataFrame({"iso3": ["KEN", "TLS", "VCT"], "iso2": ["KE", "TL", "VC"]}, dtype="str")
    names = pd.DataFrame({"name": ["KENYA", "TIMOR-LESTE"], "iso3": ["KEN", "TLS"]}, dtype="str")

    def write(changed=None, icrmw=None):
        text = (
            'Participant,Signature,"Accession(a), Succession(d), Ratification"\n'
            "Kenya,28 Jul 1951,1 Nov 2004 a\nSt. Vincent and the Grenadines,2 Feb 2001,\nTimor-Leste,,\n"
        )
        paths = {}
        # states only in the list on migrant workers, as in the list of 2022
        for name in ARGUMENTS:
            paths[name] = tmp_path / f"{name}.csv"
            paths[name].write_text(
                (changed or {}).get(
                    name, text if name == "migrant_workers" else f"{text}European Union,,6 Sep 2006 AA\n"
                )
            )
        paths["migrant_workers_2022"] = tmp_path / "icrmw.csv"
        header = "iso2,member,state party,year ratification or accession,signatory,no action,status,note\n"
        rows = icrmw or "KE,Kenya,1,2004,0,0,state party,\nTP,Timor,0,,0,1,no action,\nVC,St,1,2020,0,0,state party,\n"
        paths["migrant_workers_2022"].write_text(header + rows)
        return {**paths, "un_members": members, "state_names": names}

    return write


def test_dates_letters_and_names_are_read(files):
    rows = treaty_actions(**files())["treaty_actions"].set_index(["treaty", "iso3"])
    assert rows.loc[("stateless_convention_1954", "KEN"), ["bound", "action"]].tolist() == [
        pd.Timestamp("2004-11-01"),
        "accession",
    ]
    assert rows.loc[("trafficking_protocol", "EUE"), "action"] == "approval"
    signed_only = rows.loc[("smuggling_protocol", "VCT")]
    assert signed_only["signed"] == pd.Timestamp("2001-02-02")
    assert signed_only[["bound", "bound_year", "action"]].isna().all()


def test_a_later_party_has_the_year_only_and_keeps_its_signature(files):
    row = (
        treaty_actions(**files())["treaty_actions"]
        .set_index(["treaty", "iso3"])
        .loc[("migrant_workers_convention", "VCT")]
    )
    assert [row["signed"], row["bound_year"]] == [pd.Timestamp("2001-02-02"), 2020]
    assert pd.isna(row["bound"])


def test_status_changes_in_the_year_of_the_deposit_and_ends_with_the_source(files):
    actions = treaty_actions(**files())["treaty_actions"]
    status = treaty_status(actions, ["KEN", "TLS", "VCT"], list(range(2003, 2025)))
    refugees = status["refugee_convention_1951"].unstack("iso3")
    assert refugees["KEN"].dropna().to_dict() == {2003: False, **dict.fromkeys(range(2004, 2015), True)}
    assert refugees["TLS"].dropna().to_dict() == dict.fromkeys(range(2003, 2015), False)
    workers = status["migrant_workers_convention"].unstack("iso3")["VCT"].dropna()
    assert workers[workers].index.tolist() == [2020, 2021]


FAULTS = {
    "a new name": ({"changed": {"smuggling": "Participant,Signature,Accession(a)\nUtopia,,1 Nov 2004 a\n"}}, "smuggling.csv, line 2, column Participant: got 'Utopia'"),
    "another form of date": ({"changed": {"smuggling": "Participant,Signature,Accession(a)\nKenya,,2004-11-01\n"}}, "smuggling.csv, line 2: got '2004-11-01', expected a date as 30 Aug 2005"),
    "a day that is none": ({"changed": {"smuggling": "Participant,Accession(a)\nKenya,31 Feb 2004 a\n"}}, "smuggling.csv, line 2: got '31 Feb 2004 a'"),
    "columns renamed": ({"changed": {"smuggling": "State,Accession(a)\nKenya,1 Nov 2004 a\n"}}, "smuggling.csv, line 1: got the columns State, Accession"),
    "an empty file": ({"changed": {"smuggling": ""}}, "smuggling.csv, line 1: got the columns none"),
    "a state twice": ({"changed": {"smuggling": "Participant,Accession(a)\nKenya,1 Nov 2004 a\nKenya,1 Nov 2005 a\n"}}, "got 'KEN' a second time"),
    "a party lost": ({"icrmw": "KE,Kenya,0,,0,1,no action,\n"}, "icrmw.csv: got no state party KEN, which the list of 2015 has"),
    "an impossible year": ({"icrmw": "KE,Kenya,1,1904,0,0,state party,\n"}, "icrmw.csv, row 2, column year.*: got '1904', expected a whole number from 1990"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named(files, fault):
    changes, message = FAULTS[fault]
    with pytest.raises(UserError, match=message):
        treaty_actions(**files(**changes))


@pytest.mark.parametrize("treaty", PARTIES)
def test_parties_are_as_many_as_published(table, treaty):
    assert table("treaty_actions").query("treaty == @treaty")["bound_year"].notna().sum() == PARTIES[treaty]


def test_parties_to_the_1951_convention_by_decade_of_the_raw_list(raw, table):
    with open(raw("st_untc_5_2"), encoding="utf-8", newline="") as file:
        years = sorted(int(re.search(r"\d{4}", row[-1])[0]) for row in list(csv.reader(file))[1:])
    ours = table("treaty_actions").query("treaty == 'refugee_convention_1951'")["bound_year"]
    assert sorted(ours) == years
