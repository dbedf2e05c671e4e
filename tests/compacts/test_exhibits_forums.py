"""The pictures of votes, forums and effects: readable, inside the page, and the same twice."""

import pytest
from legible import drawing, illegible, shown_texts

from compacts import forums, participation
from compacts.exhibits import endorsement as effect_pictures
from compacts.exhibits import forums as forum_pictures
from compacts.exhibits import votes as vote_pictures
from compacts.stats import endorsement

SOURCE = "Source, as of a day"


@pytest.fixture(scope="module")
def figures(table):
    names = ("un_members", "un_votes", "un_participation", "unhcr_displacement")
    members, votes, calls_cast, displacement = map(table, names)
    roll_calls, events, roles = table("un_roll_calls"), table("forum_events"), table("forum_roles")
    states = endorsement.states_before_the_votes(members, votes, calls_cast, displacement, 70, 2017)
    shares = participation.yes_shares(votes, roll_calls, members)
    held = forums.roles_by_state(roles, events, "2016-09-19")
    index = participation.participation_index(states, participation.participation_facts(states, held))
    design = endorsement.endorsement_design(states, "Asia-Pacific")
    effects, _ = endorsement.effects_of_compacts(states, design, 0.95)
    blocks = {"Group": {g: g for g in design.categories["un_group"]}, "Others": endorsement.COVARIATES}

    def draw(name):
        return {
            "crossed": lambda: vote_pictures.votes_crossed(
                states, "gcm", "gcr", ("Vote on the GCM", "Vote on the GCR"), SOURCE
            ),
            "groups": lambda: vote_pictures.roll_calls_by_group(
                shares, participation.roll_call_labels(roll_calls), SOURCE
            ),
            "three": lambda: vote_pictures.three_votes(
                states, ("gcm", "gcr", "imrf_format"), ("GCM", "GCR", "Format"), SOURCE
            ),
            "attendance": lambda: forum_pictures.attendance(forums.attendance(events, "2006"), SOURCE),
            "pledges": lambda: forum_pictures.pledges(forums.pledge_counts(table("published_figures")), SOURCE),
            "bounds": lambda: forum_pictures.participation_bounds(index, SOURCE),
            "effects": lambda: effect_pictures.effects_compared(
                effects, blocks, ["GCM", "GCR", "GCM less GCR"], "95 %", SOURCE
            ),
        }[name]()

    return draw


NAMES = ["crossed", "groups", "three", "attendance", "pledges", "bounds", "effects"]


@pytest.mark.parametrize("name", NAMES)
def test_every_text_is_large_enough_inside_the_figure_and_apart_from_others(figures, name):
    assert illegible(figures(name)) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_is_the_same_twice(figures, name):
    assert drawing(figures(name), name) == drawing(figures(name), name)


def test_every_state_off_the_diagonal_is_named_in_the_crossing(figures):
    words = " ".join(t.get_text().replace("\n", " ") for t in shown_texts(figures("crossed")))
    for name in ("Eritrea", "Nauru", "Czechia", "Switzerland", "Dominican Republic", "Vanuatu", "Israel, Poland"):
        assert name in words


def test_the_cells_of_three_votes_hold_every_state_once(figures):
    """The counts drawn add up to the members, and rows of few states carry their names."""
    texts = [t.get_text() for t in figures("three").axes[0].texts]
    rows = [int(t.rsplit(" ", 1)[1]) for t in texts if t.rsplit(" ", 1)[0] in endorsement.VOTES and t[-1].isdigit()]
    cells = [int(t) for t in texts if t.isdigit()]
    assert sum(rows) == sum(cells) == 193
    assert "Hungary, United States" in texts
