"""What is planted in the texts is found, and nothing else is said about them."""

import pytest

from .texts import TEXTS, check, codes_of, entry_at, judge


@pytest.mark.parametrize("case", TEXTS, ids=lambda case: case["text"][:40])
def test_what_is_planted_in_a_text_is_found(client, case):
    missed, wrong = judge(client, case)
    out_of_reach = [one["in"] for one in case["expect"] if one.get("not_reached")]
    assert [
        one for one in missed if not one.startswith(tuple(out_of_reach or ["-"]))
    ] == []
    assert wrong == []
    assert len(missed) == len(out_of_reach), "it is reached now: say so in the table"


def test_few_of_the_texts_are_out_of_reach():
    rows = [one for case in TEXTS for one in case["expect"] if one["codes"]]
    assert sum(bool(one.get("not_reached")) for one in rows) == 3
    assert len(rows) == 33


def test_the_first_text_gives_what_an_editor_needs(client):
    answer = check(client, TEXTS[0]["text"])
    found = {one["printed"]: one for one in answer["data"]}
    first = {
        number: one["figures"][0] for number, one in found.items() if one["figures"]
    }
    assert {number: one["id"] for number, one in first.items()} == {
        "1,131": "gb7nr", "1,000": "k2gqj", "23": "vp3bg", "157": "zzp6n", "16": "qxq3c",
    }  # fmt: skip
    assert first["157"]["differences"] == []
    passed = [one["printed"] for one in answer["meta"]["passed_over"]]
    assert passed[:4] == ["a decade", "January 2023", "2024", "2018/19"]
    assert first["16"]["standing"]["status"] == "unchanged"


@pytest.mark.parametrize(
    ("text", "number", "figure", "codes"),
    [
        ("Police drivers were in 28 fatal road traffic incidents in England and Wales in 2016/17.", "28", "r6vsf", []),
        ("Ten people took their own lives after being held by the Metropolitan Police in 2009/10.", "Ten", "rwq28", []),
        ("In 2018/19 three people were shot dead by police in England and Wales.", "three", "n5ddw", []),
        ("Surrey Police had 1,928 officers in September 2018.", "1,928", "gjzzf", []),
        ("The NYPD faced 3,415 allegations of physical force in 2011.", "3,415", "z8mkt", []),
        ("The NYPD found 167 officers guilty of chokeholds in 2012.", "167", "kc5w2", ["other_measure", "other_unit"]),
        ("In Odisha 11 police personnel were dismissed or removed from service in 2001.", "11", "tv7d6", []),
        ("In 2018, Philadelphia police sustained 44 claims of harassment.", "44", "z823j", ["other_measure"]),
        ("Tasers killed 43 people in England and Wales between 2004 and 2020.", "43", "d492t", []),
        ("Police shot 43 people dead in England and Wales between 2004 and 2020.", "43", "d492t", []),
        ("17 people died after police chases in England and Wales in 2018/19.", "17", "rpg77", []),
        ("39 people died in West Midlands Police cells.", "39", "zb4w2", []),
        ("There were 732 allegations in Lambeth in 2009.", "732", "c34c9", []),
        ("GMP has 6,539 officers.", "6,539", "fnq2b", []),
        ("GMP had 6,539 officers.", "6,539", "fnq2b", []),
        ("There are 1,928 officers in Surrey Police.", "1,928", "gjzzf", []),
        ("The Met sacked 931 officers.", "931", "q2r23", ["other_measure", "other_unit"]),
        ("The Met has sacked 1,492 officers.", "1,492", "k7m3q", ["other_measure"]),
        ("Lambeth received 732 complaints last year.", "732", None, []),
        ("In all 1,500 Met officers have been accused of sexual misconduct.", "1,500", None, ["rounded"]),
        ("Nearly 1,500 Met officers have been accused of sexual misconduct.", "1,500", "k7m3q", []),
        ("The NYPD faced 3,400 allegations of physical force in 2011.", "3,400", "vnhmg", ["other_year"]),
        ("Nearly 1,500 people came to an open day of the Met.", "1,500", None, []),
        ("In London, 42% totally distrust the Met.", "42%", "s7xm4", []),
        ("A poll of April 2023 says that 42% in London totally distrust the Met.", "42%", "s7xm4", []),
        ("In London, 47% of women said that they had no trust in the Met.", "47%", "rxb99", []),
        ("Around one in 200 Met officers have criminal records.", "one in 200", "fjrrv", []),
        ("In 2025 the Met was reviewed. There were 732 allegations in Lambeth.", "732", "c34c9", []),
        ("39 people took their own lives in West Midlands Police cells.", "39", "zb4w2", []),
    ],
)  # fmt: skip
def test_figures_of_tables_are_found_by_the_words_of_people(
    client, text, number, figure, codes
):
    answer, start = check(client, text), text.index(number)
    entry = entry_at(answer, start, start + len(number))
    assert (entry["figures"][0]["id"] if entry["figures"] else None) == figure
    assert codes_of(answer, entry) == set(codes)


@pytest.mark.parametrize(
    ("text", "figure"),
    [
        ("There were 732 allegations in Lambeth in 2025.", "c34c9"),
        ("There were 732 allegations in Lambeth last year.", "c34c9"),
        ("In London, 42% totally distrusted the Met in 2025.", "s7xm4"),
        ("In 2026 the Met had 161 officers with criminal records.", "d5fcj"),
        ("In 2025, 1,131 Met staff were accused of sex crimes.", "gb7nr"),
    ],
)
def test_a_year_after_the_document_is_another_year(client, text, figure):
    found = check(client, text)["data"][0]["figures"][0]
    assert found["id"] == figure
    assert "other_year" in [one["code"] for one in found["differences"]]


@pytest.mark.parametrize(
    ("printed", "slips"),
    [
        ("about 1,130", None),
        ("some 1,130", None),
        ("more than 1,130", None),
        ("nearly 1,130", None),  # it is more
        ("1,130", {"1,131": "one_digit"}),
        ("about 1,132", {"1,131": "one_digit"}),
        ("about 1,120", {}),
    ],
)
def test_a_hedged_number_is_rounded_and_no_misprint(client, printed, slips):
    text = f"In 2023 the Met said {printed} staff were accused of sexual and domestic offences."
    [number] = check(client, text)["data"]
    if slips is None:
        figure = number["figures"][0]
        results = {one["field"]: one["result"] for one in figure["compared"]}
        assert (figure["id"], results["value"]) == ("gb7nr", "not_read")
    else:
        assert {one["printed"]: one["why"] for one in number["near"]} == slips


@pytest.mark.parametrize(
    "text",
    [
        "GMP had 6,593 officers.",  # 6,539 at another time
        "Greater Manchester Police has 6,519 officers today.",
        "There are 1,982 officers in Surrey Police.",  # 1,928 in 2018
        "Lambeth received 723 complaints.",
    ],
)
def test_no_misprint_is_found_by_the_place_and_the_matter_alone(client, text):
    """The number may be right: how many officers a force has changes every month."""
    assert [one["near"] for one in check(client, text)["data"]] == [[]]


@pytest.mark.parametrize("order", [1, -1])
def test_a_number_that_was_revised_is_no_misprint_of_another(small, order):
    """292 deaths until 2018/19 are 311 today, so nobody who wrote 229 should print 292."""
    numbers = ["292", "229"][::order]
    text = "In England and Wales, {} people died in or following police custody from April 2004 to March 2019. "
    found = check(small.client, "".join(map(text.format, numbers)))["data"]
    entries = {one["printed"]: one for one in found if one["printed"] in numbers}
    assert [one["printed"] for one in entries["292"]["figures"]] == ["311"]
    assert (
        entries["292"]["near"]
        == entries["229"]["near"]
        == entries["229"]["figures"]
        == []
    )


@pytest.mark.parametrize("dash", ["–", "-", "\u2010", "\u2011", " to "])
@pytest.mark.parametrize(
    "words",
    ["{} officers", "{} per cent of officers", "{}% of officers", "from {} officers"],
)
def test_a_range_is_passed_over_whatever_its_dash(client, dash, words):
    answer = check(
        client,
        f"Kent Police dismissed {words.format(f'4{dash}15')} for gross misconduct.",
    )
    assert answer["data"] == []
    [passed] = answer["meta"]["passed_over"]
    assert f"4{dash}15" in passed["printed"]
    assert passed["reason"] == "not_read"


@pytest.mark.parametrize("printed", ["15-4", "4-4", "4 - 15"])
def test_what_is_no_range_is_two_numbers(client, printed):
    answer = check(
        client, f"Kent Police dismissed {printed} officers for gross misconduct."
    )
    assert len(answer["data"]) == 2


NOT_ALLEGED = "No misconduct is alleged. The figures do not say that anybody did wrong."


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        (
            "Police killed 17 people in custody in England and Wales in 2018/19.",
            [NOT_ALLEGED],
        ),
        (
            "39 people took their own lives in West Midlands Police cells.",
            ["These people had been", NOT_ALLEGED],
        ),
        (
            "Officers in Lambeth faced 110 allegations of incivility.",
            ["The figures are of March 2010 at the latest:"],
        ),
        (
            "A fifth of the workforce of the Met has been screened so far.",
            ["Each check looked for"],
        ),
    ],
)
def test_a_match_says_what_its_figure_does_not_show(client, text, notes):
    figure = check(client, text)["data"][0]["figures"][0]
    assert len(figure["notes"]) == len(notes)
    assert all(
        one.startswith(start) for one, start in zip(figure["notes"], notes, strict=True)
    )


@pytest.mark.parametrize(
    "text",
    [
        "The Met paid £1,131 to 144 bidders, and 701 visitors saw 42 exhibits at the museum in 2023.",
        "Call the Met on 020 7946 0161, or write to 42 Station Road; 38 of its 161 stations have closed.",
        "Kent Police recruited 196 officers last year and dealt with 931 burglaries. It has 38 stations.",
        "Mr Blank, 49, of the Met, has 16 years of service and won 157 medals in 24 races.",
        # Each of these has the number of a figure of its place.
        "The Met promoted 931 officers last year and gave long-service medals to 701 more.",
        "Kent Police raised £3,548 for a hospice, and 3,333 people watched its football match.",
        "Lambeth issued 732 parking tickets in May and planted 285 trees.",
        "GMP answered 6,539 calls on New Year’s Eve, and 6,391 of them within a minute.",
        "Greater Manchester Police has trained 6,444 officers in first aid.",
        "The Met asked 689 officers how they travel to work, and 196 said by bicycle.",
        "Surrey Police sent 1,928 letters to residents, who returned 110.",
        "The NYPD received 733 complaints about noise in one night in Queens.",
        "Philadelphia police logged 413 calls about fireworks, and 251 about dogs.",
        "West Midlands Police bought 6,495 uniforms, 39 dogs and 120 horses.",
        "Police in Kerala seized 733 phones and stopped 120 lorries in 2010.",
        "The Met held 246 protesters, and 350 officers worked overtime.",
    ],
)
def test_numbers_about_something_else_bring_nothing(client, text):
    assert [
        one for one in check(client, text)["data"] if one["figures"] or one["near"]
    ] == []


@pytest.mark.parametrize(("number", "status"), [("16", "revised"), ("17", "unchanged")])
def test_a_number_that_was_revised_says_so(small, number, status):
    """The 16 deaths of 2018/19 are 17 since release 1.1.0 of the small register."""
    text = f"Across England and Wales, {number} people died in or following police custody in 2018/19."
    figure = check(small.client, text)["data"][0]["figures"][0]
    assert (figure["id"], figure["printed"]) == ("rpg77", "17")
    assert (figure["standing"]["status"], figure["differences"]) == (status, [])
