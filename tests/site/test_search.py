"""A search answers what people ask with rows of the table, or says what is not held, and what is nearest.

The page shows the answer of the API: each question here is asked of both.
"""

import html
import re

import pytest

from .test_pages import BROWSER

FIRST = {  # questions of several readers, and the figure that comes first
    "share with criminal records": "fjrrv",  # around one in 200, Metropolitan Police
    "custody deaths Merseyside 2019": "gj7cr",  # 0, 2019/20
    "custody 2018/19": "rpg77",  # 17, England and Wales
    "officers in West Midlands": "wftrw",  # 7990.7 posts, 31 March 2025
    "excessive force Philadelphia": "f8mq8",  # 4 upheld in 2020
    "chokehold New York": "nvbn2",  # 233 in 2013
    "police shootings London": "srb9j",  # 2, 2019/20
    "stop and search": "kmp9z",  # 991 allegations finalised, England and Wales
    "GMP misconduct": "nj3b6",  # 2,161 complaints, 2020/21; not how many it employs
    "who gets dismissed": "xx6c3",  # 426, England and Wales, 2024/25
    "trust in police poll": "s7xm4",  # 42% who do not
    "sacked in Delhi": "knfqz",  # 35 in 2010
    "racism in the Met": "q7shq",  # 4,443 complaints, 2015 to 2020
    "suspended": "qx7nq",  # 201, the Met; not some 88 in Ireland, which is newer
    "officers suspended 2025": "brg49",  # 35 in Scotland in five months of 2025
    "how many officers are suspended in the West Midlands": "s28zh",  # 50
    "suspended in Kent": "w786w",  # 16
    "suspended by rank West Midlands": "s28zh",
    "Cleveland restricted duties": "h9293",  # 14
    "vetting failures": "vgstp",  # 632 applicants refused, Scotland
    "failed vetting": "vgstp",
    "barred list": "vpfmj",  # 735, England and Wales, 2024/25
    "barred list 2023": "b2hx5",  # 593 in 2023/24
    "barred Cumbria": "q3ns9",  # 8 in 2023/24
    "special constables barred": "wbj5f",  # thirty-one
    "dismissals": "xx6c3",
    "sacked Met 2024": "g5xzz",  # 151
    "misconduct hearings 2022": "tvb7p",  # 266 officers, 2022/23
    "accelerated misconduct hearings": "n4mnt",  # 187
    "NYPD complaints 2023": "x6q4s",  # 5,604
    "deaths in custody South Africa": "xnk56",  # 212 in 2023/24
    "officers convicted": "g6p2z",  # 38 of the Met, of sexual offences
    "killed": "x8xgd",  # 3 shot dead in England and Wales; no suicide
    "How many Met officers were suspended in 2023?": "qx7nq",  # 201 on 19 September
    "complaints in India": "ph3kx",  # 24 in the Andaman and Nicobar Islands, the first row of the table
    # who asks for now finds numbers at one moment, not 35 suspensions that Scotland made in five months
    "suspended now": "qx7nq",
    "how many officers are suspended right now": "qx7nq",
    "currently suspended": "qx7nq",
    "how many police scotland officers are suspended": "m2k48",
    # places are not ranked: 426, England and Wales
    "which police force sacks the most officers": "xx6c3",
    "what percentage of officers are dismissed England and Wales": "xx6c3",
    "officers dismissed since 2019 England and Wales": "xx6c3",
    "Queensland police complaints 2023-24": "qszbs",
    "PSNI complaints 2025": "x7v9t",
    "stop and search England and Wales": "kmp9z",
    "how many police officers were charged with criminal offences in 2024?": "jp2gk",
    "compare Merseyside and West Yorkshire police complaints": "swxfz",  # 1,842 complaints; both have some
    "complaints in Wales": "kqdbc",  # 1,783 in 2016/17
    "Kent police complaints": "qg5ph",  # 3,593 in 2020/21
    # everyday words
    "blacklisted officers": "vpfmj",
    "tribunals Essex": "c7jg7",  # 14 sent to a hearing
    "morts police France": "jq4nj",  # 16 personnes décédées
    "usage d'armes France": "mx3tz",
    "psni officers suspended over sexual misconduct": "h6d65",
    # a number of years is no number that is looked for
    **dict.fromkeys(
        (
            f"complaints in England and Wales in the {span}"
            for span in ("last five years", "past 10 years", "last year")
        ),
        "v2snq",
    ),
    # numbers, as somebody types them
    **dict.fromkeys(
        ("1,071", "1071", "1071 officers", "Is it 1,071?", "Is 1,071 right?"), "kv58v"
    ),
    **dict.fromkeys(("1,000", "1k", "a thousand"), "w3t7k"),
    **dict.fromkeys(("1 492", "1,492", "1492 officers"), "k7m3q"),
    **dict.fromkeys(("one in 200", "0.5%", "1 in 200"), "fjrrv"),
    **dict.fromkeys(("42%", "forty-two per cent", "42 per cent"), "s7xm4"),
    "nearly 1,000": "w2rmd",
    "150": "qtqwk",  # allegations of 2024/25, Kent; older: the Met's standards department
    "116": "jbvr3",  # allegations of 2024/25, Lancashire; older: the Met's sexual assaults of 2021
    "161": "d5fcj",
    "half": "x9w6n",
    "two in five": "k3xmh",  # 40% of allegations sent to a meeting, England and Wales
    "1,131": "gb7nr",
    "701": "vfwwp",
    "144 suspended": "jqnc4",
    "1,633": "s79rj",
    "18,000": "smnvj",
    "5,303": "s7j9z",
    "one in 50": "tkgwx",
    "426": "xx6c3",
    "1,505": "kt624",  # on the barred list; not posts in Wales
}
NEAREST = {  # what is not held: why not, the nearest figure, and why that is near
    "Gloucestershire police complaints": ("not_held", "b87d8", "counted otherwise"),
    "strip search complaints new york": ("not_held", "m668t", "counted otherwise"),
    "Croydon complaints": ("not_held", "sk8tc", "counted otherwise"),
    "complaints in England 2024/25": ("not_held", "v2snq", "a wider area"),
    "police dismissals England": ("not_held", "xx6c3", "a wider area"),
    "Kent dismissed 2024/25": ("not_held", "xx6c3", "a wider area"),
    "suspended Brent": ("not_held", "qx7nq", "a wider area"),
    "South Wales Police racism complaints": ("not_held", "szm2k", "a wider kind"),
    "use of force complaints Merseyside": ("not_held", "swxfz", "a wider kind"),
    "bullying complaints West Midlands police": ("not_held", "fdxq2", "a wider kind"),
    "stop and search complaints by ethnicity": ("not_held", "mwbnt", "by ethnicity"),
    "deaths in police custody 2025 England and Wales": (
        "other_time", "xx6h7", "another time",
    ),
    "met police suspended officers 2025": ("other_time", "qx7nq", "another time"),
    "killed by police 2031": ("other_time", "x8xgd", "another time"),
    "officers who failed vetting Met Police 2025": (
        "other_time", "gh3gn", "another time",
    ),
    "gross misconduct hearings Surrey police 2024/25": (
        "not_held", "tvb7p", "a wider area, another time",
    ),
    "West Midlands Police workforce headcount 2026": (
        "not_held", "wftrw", "the same matter, counted otherwise, another time",
    ),
    # each asks for more than any figure has
    "how many Met officers were sacked after misconduct hearings since 2019": (
        "not_held", "g5xzz", "without “misconduct hearings”",
    ),
    "use of force by ethnicity England and Wales": ("not_held", "nb838", "ethnicity"),
    "Kent police officers fired for sexual assault since 2015": (
        "not_held", "xx6c3", "a wider kind, a wider area",
    ),
    # numbers that nobody printed, and the figure that was meant
    "1,429": ("not_held", "k7m3q", "swapped"),
    "1.492": ("not_held", "k7m3q", "point"),
    "14922": ("not_held", "k7m3q", "doubled"),
    "39,940": ("not_held", "xn388", "One digit"),
    "39,940 Met officers": ("not_held", "xn388", "One digit"),
    "6,497 West Midlands": ("not_held", "fjdwq", "One digit"),
}  # fmt: skip
NEW = {  # questions of local reporters: the first figure, or why there is none
    "number of officers in Cleveland Police": "full_time_equivalents E23000013",
    "met police officers with criminal records": "criminal_records E23000001",
    "allegations against North Wales Police 2024/25": "allegations W15000001",
    "how many special constables were dismissed": "dismissed gb_eaw",
    "Police Scotland complaints 2023-24": "complaints gb_sct",
    "deaths in custody this year": "deaths_in_custody gb_eaw",
    "officers dismissed for gross misconduct England and Wales 2023": "dismissed gb_eaw",
    "garda suspended": "suspended_on_a_day ie",
    "officers who failed vetting Met": "vetting_lost E23000001",
    "Toronto police complaints": "complaints ca_on_toronto",
    "43 forces dismissals": "dismissed gb_eaw",
    "top 10 forces for dismissals": "dismissed gb_eaw",
    "Dublin garda complaints": "complaints ie",
    "Durban deaths in custody": "deaths_in_custody za_kzn",
    "officers in Surrey v Sussex": "full_time_equivalents E23000031",
    "Stoke-on-Trent complaints": "complaints E23000015",
    "Stratford-upon-Avon police complaints": "complaints E23000017",
    "Newcastle upon Tyne complaints": "complaints E23000007",
    "Sheffield police complaints": "not_held",
    "Indian police deaths in custody": "not_held",
    "NHRC deaths in custody India": "not_held",
    "road traffic deaths police pursuit": "not_held",
    "deaths in police pursuits": "not_held",
    "deaths after police chase 2023": "not_held",
    "south yorks police officers resigned while under investigation": "not_held",
    "resigned while under investigation": "not_held",
    "Dyfed Powys and Gwent complaints compared": "complaints W15000004",
    "Gloucestershire and Leicestershire complaints compared": "not_held",
    "how many officers has Kent Police dismissed": "not_held",
    "Lancashire police officers suspended": "suspended_on_a_day E23000003",
    "Gloucestershire police officers suspended": "not_held",
    "officers sacked England and Wales 2022": "dismissed gb_eaw",
    "police staff dismissed 2023/24": "other_time",
    "IOPC investigations into Avon and Somerset": "not_held",
    "complaints in England 2024/25": "not_held",
    "black people killed by police London": "not_held",
    "E23000014 complaints": "complaints E23000014",
    "E23000018 complaints": "not_held",
    "Northampton police complaints": "complaints E23000022",
    "how long do misconduct investigations take Dorset": "not_held",
    "what is not published by Kent": "not_held",
    "football misconduct": "not_understood",
    "police pension forfeited after misconduct": "not_understood",
    "police station closing": "not_understood",
    "27 states police decertification": "decertified us_va",
    "dog bites police Wiltshire": "not_understood",
    "Baroness Casey review racist officers": "not_understood",
    "Operation Onyx": "not_understood",
    "PC Andrew Harper death": "not_understood",
    "salt lake city police complaints": "not_understood",
    "wst yorkshire police complaints": "not_understood",
    "suspened officers Merseyside": "not_understood",
    "casey review": "not_understood",
}  # fmt: skip
NAMES = {  # words that may be names, and the question that is offered: as it may be spelt, or without them
    "Germany police brutality": "police brutality",
    "Norway": None,
    "German police suspended": "police suspended",
    "XYP officers dismissed": "officers dismissed",
    "CAPO complaints": "complaints",
    "David Carrick": None,
    "philadelfia complants": "Philadelphia complaints",
    "Casey review": None,
    "Narnia Constabulary suspended": "Constabulary suspended",
    "metropolitain police suspended": "Metropolitan police suspended",
    "Greater Manchester suspendd officers": "Greater Manchester suspended officers",
    "kerela police complaints": "Kerala police complaints",
    "Torronto complaints": "Toronto complaints",
    "Northamtonshire police Nick Adderley": "Northamptonshire police Nick Adderley",
    "Misouri police decertifcation": "Missouri police decertification",
    "Devan and Cornwal complaints": "Devon and Cornwall complaints",
    "Glostershire complaints Jane Smith": "complaints",
}
NOTHING = ("the", "!!!", "how many", "& | ! <->", "\u8b66\u5bdf", "'", '""', "9871234")
OTHERS = (
    "police misconduct payouts New York",
    "what percentage of officers dismissed were black 2025",
    "Essex and Sussex complaints",
    "complaints finalised Essex and Sussex",
    "complaints 2024",
    "1805",
    "1,800",
    "dismissed in Scotland",
    "dismissed -suspended",
    "pepper spray India 2023",
    "officers accused Met sexual",
    "discourtesy",
    "suspended Met unicorns",
)
QUESTIONS = [*FIRST, *NEAREST, *NEW, *NAMES, *NOTHING, *OTHERS]


def ask(client, text, **given):
    answer = client.get("/v1/search", params={"q": text, **given})
    assert answer.status_code == 200
    return answer.json()


def show(client, text, **given):
    """Return the page of an answer, the figures in its tables, and where its links lead."""
    page = client.get("/search", params={"q": text, **given}, headers=BROWSER)
    assert page.status_code == 200
    main = re.search(r"<main.*</main>", page.text, re.DOTALL)[0]
    number = r'class="(?:big num[^"]*|num)"><a href="/figures/(\w+)'
    figures = re.findall(number, main)
    return main, figures, html.unescape(" ".join(re.findall(r'href="([^"]+)"', main)))


def ids(rows):
    return [row["id"] for row in rows]


def first(answer):
    return answer["data"][0]


@pytest.mark.parametrize("text", QUESTIONS)
def test_the_page_shows_the_answer_of_the_api_in_its_order(client, text):
    answer, (_, figures, links) = ask(client, text), show(client, text)
    near = [one for missing in answer["missing"] for one in ids(missing["nearest"])]
    assert figures == [*ids(answer["data"]), *near]
    for area in answer["read"]["area"]:
        assert f"/areas/{area['code']}" in links


@pytest.mark.parametrize(("text", "figure"), FIRST.items())
def test_what_is_asked_comes_first(client, text, figure):
    assert first(ask(client, text))["id"] == figure


@pytest.mark.parametrize(("text", "missing"), NEAREST.items())
def test_what_is_not_held_is_missing_with_what_is_nearest(client, text, missing):
    answer, (reason, figure, why) = ask(client, text), missing
    said = answer["missing"][0]
    assert answer["data"] == []
    assert (said["reason"], said["nearest"][0]["id"]) == (reason, figure)
    assert why in said["nearest"][0]["why"]


@pytest.mark.parametrize(("text", "expected"), NEW.items())
def test_a_question_has_its_row_or_a_reason(client, text, expected):
    answer = ask(client, text)
    if answer["data"]:
        row = first(answer)
        assert f"{row['indicator']} {row['area_code']}" == expected
    else:
        said = answer["missing"][0]
        assert said["reason"] == expected
        assert said["try"]


@pytest.mark.parametrize(("text", "meant"), NAMES.items())
def test_nothing_is_answered_beside_a_word_that_may_be_a_name(client, text, meant):
    answer = ask(client, text)
    said = answer["missing"][0]
    searches = [one for one in said["try"] if "/v1/search?" in one]
    assert (answer["data"], said["reason"]) == ([], "not_understood")
    assert answer["read"]["not_understood"]
    offered = [client.get(one).json()["q"] for one in searches]
    assert offered[:1] == ([meant] if meant else [])


@pytest.mark.parametrize("text", NOTHING)
def test_a_question_without_words_has_no_rows_and_a_way_on(client, text):
    answer = ask(client, text)
    assert answer["data"] == []
    assert answer["missing"]


@pytest.mark.parametrize("text", QUESTIONS)
def test_each_way_on_answers(client, text):
    for missing in ask(client, text)["missing"]:
        for way in missing["try"]:
            assert client.get(way).status_code == 200, way


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Met officers suspended 2023", {"indicator": "suspended_on_a_day", "area": "E23000001"}),
        ("sexual misconduct Kent", {"kind": "sexual", "area": "E23000032"}),
        ("US police complaints", {"area": "us", "indicator": "complaints"}),
        ("the us in 2024: complaints", {"area": "us"}),
        ("New York or Philadelphia more complaints", {"area": "us_ny_new_york"}),
    ],
)  # fmt: skip
def test_an_answer_says_what_was_read(client, text, read):
    found = ask(client, text)["read"]
    for name, code in read.items():
        assert code in [one["code"] for one in found[name]]
        assert all(one["name"] for one in found[name])


def test_a_word_is_no_place_and_a_year_and_a_number_are_read(client):
    assert ask(client, "tell us about complaints")["read"]["area"] == []
    assert ask(client, "1,071 in 2024/25")["read"]["number"] == "1,071"
    assert ask(client, "complaints 2023/24 and 2022/23")["read"]["year"] == [
        "2023/24",
        "2022/23",
    ]


def test_rows_are_those_of_the_table(client):
    answer = ask(client, "suspended Met", columns="all")
    [row] = client.get(f"/v1/figures?id={first(answer)['id']}&columns=all").json()[
        "data"
    ]
    assert first(answer) == row


def test_files_have_all_rows_and_pages_of_json_follow_each_other(client):
    answer = ask(client, "suspended")
    found, following = ids(answer["data"]), answer["links"]["next"]
    assert len(found) == 10
    while following:
        page = client.get(following).json()
        found, following = [*found, *ids(page["data"])], page["links"]["next"]
    table = client.get("/v1/search.csv?q=suspended&columns=id").text.split()
    assert table == ["id", *found]
    assert len(found) == len({*found}) == answer["meta"]["total"]
    assert answer["links"]["csv"].endswith("/v1/search.csv?q=suspended")
    assert answer["links"]["page"].endswith("/search?q=suspended")
    assert show(client, "suspended", offset="10")[1][:3] == found[10:13]


@pytest.mark.parametrize("q", [None, "", " ", "a" * 201])
def test_a_question_that_is_none_or_too_long_is_refused(client, q):
    answer = client.get("/v1/search", params={"q": q} if q is not None else {})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == "q"


def test_a_request_for_what_a_force_has_not_published_is_ready(client):
    text = "complaints against South Yorkshire Police"
    said = ask(client, text)["missing"][0]
    assert (said["indicator"], said["area_code"]) == ("complaints", "E23000011")
    assert said["ask"]["url"].startswith("https://www.whatdotheyknow.com/new/")
    assert said["ask"]["url"] in show(client, text)[2]
    [elsewhere] = ask(client, "suspended Delhi")["missing"]
    assert elsewhere["ask"] is None
    assert "/areas/in_dl" in [one.partition("/v1")[2] for one in elsewhere["try"]]


def test_what_is_held_of_a_place_is_not_said_to_lack(client):
    for text in (
        "suspended Met",
        "Kent",
        "dismissed England and Wales",
        "Kent reviews",
    ):
        assert not any(
            one["nearest"] or one["indicator"] for one in ask(client, text)["missing"]
        ), text


def test_the_country_of_readers_is_nearest_if_it_holds_another_year_only(client):
    answer = ask(client, "deaths in custody 2022")
    assert first(answer)["area_code"] == "jm"
    [said] = [one for one in answer["missing"] if one["nearest"]]
    assert (said["reason"], said["nearest"][0]["area_code"]) == ("other_time", "gb_eaw")
    assert not any(
        one["nearest"] for one in ask(client, "deaths in custody 2018/19")["missing"]
    )


@pytest.mark.parametrize(
    ("text", "reason", "asked"),
    [  # what the first row lacks, though it answers: its time, a statistic, what nobody computes
        ("barred list 2025", "other_time", {"year": "2025"}),
        ("suspended Met right now", "other_time", {"year": "right now"}),
        ("dismissed England and Wales last year", "other_time", {"year": "last year"}),
        ("dismissals per 1,000 officers by force", "not_computed", {"unit": "rate"}),
        ("which force has the most complaints", "not_computed", {"unit": "rank"}),
        ("complaints in India", "not_held", {"area": "India"}),
        ("Dublin complaints", "not_held", {"area": "Dublin"}),
        ("suspended Met unicorns", "not_understood", {"detail": "unicorns"}),
        ("how many are on the barred list", "other_time", {"year": "at one moment"}),
        ("PSNI suspended on full pay", "other_time", {"year": "at one moment"}),
    ],
)  # fmt: skip
def test_what_the_first_row_lacks_is_said_by_columns(client, text, reason, asked):
    answer = ask(client, text)
    assert answer["data"]
    assert (reason, asked) in [
        (one["reason"], one["asked"]) for one in answer["missing"]
    ]


def test_rows_of_a_rate_that_nobody_computes_stand_beside_the_size_of_the_force(client):
    answer = ask(client, "dismissed per 1,000 officers England and Wales")
    assert first(answer)["indicator"] == "dismissed"
    near = [row["indicator"] for one in answer["missing"] for row in one["nearest"]]
    assert "full_time_equivalents" in near


def test_what_is_asked_is_said_by_columns(client):
    said = ask(client, "Met police officers sacked for racism in 2019")["missing"][0]
    assert said["asked"].keys() == {"indicator", "kind", "area", "year"}


def test_of_two_places_the_one_without_a_row_is_missing_and_both_stand_side_by_side(
    client,
):
    text = "GMP and Met officers suspended"
    answer = ask(client, text)
    assert "E23000005" in [one["area_code"] for one in answer["missing"]]
    codes = [one["code"] for one in answer["read"]["area"]]
    assert f"/areas/{','.join(codes)}" in show(client, text)[2]
    missing = ask(client, "Gloucestershire and Leicestershire complaints compared")[
        "missing"
    ]
    near = {one["area_code"]: one["nearest"][0] for one in missing if one["area_code"]}
    assert {*near} == {"E23000021", "E23000037"}
    assert all(row["area_code"] == code for code, row in near.items())
    rows = ask(client, "complaints finalised Essex and Sussex")["data"]
    assert {"Essex Police", "Sussex Police"} <= {row["area"] for row in rows}


def test_a_number_that_only_a_sum_has_is_explained(client):
    """1,805 is what four kinds of cases add up to; a table of Himachal Pradesh has it, too."""
    answer = ask(client, "1805")
    assert "disagreement" in [one["type"] for one in answer["notes"]]
    assert "/disagreements/" in show(client, "1805")[2]
    assert not any(one["reason"] == "other_number" for one in answer["missing"])


def test_another_number_that_may_be_meant_stands_beside_the_one_that_is_found(client):
    [said] = ask(client, "1,800")["missing"]
    assert said["reason"] == "other_number"
    assert "smnvj" in ids(said["nearest"])


@pytest.mark.parametrize(
    "text", ["payouts", "compensation Met police", "average length of suspension"]
)
def test_money_and_time_are_said_not_to_be_held_and_have_no_rows(client, text):
    answer = ask(client, text)
    assert answer["data"] == []
    assert "not_held" in [one["reason"] for one in answer["missing"]]


def test_who_said_a_number_first_comes_first(client):
    days = [
        row["published"]
        for row in ask(client, "who first reported 1,071", columns="published")["data"]
    ]
    assert days == sorted(days)
    assert len(days) > 1


def test_the_page_of_a_figure_says_who_printed_it_first_to_last(client):
    page = client.get("/figures/gvc8d", headers=BROWSER).text
    family = re.search(r'id="family".*?</table>', page, re.DOTALL)[0]
    found = re.findall(r'/figures/(\w+)"', family)
    assert len(found) > 5
    rows = client.get(f"/v1/figures?id={','.join(found)}&columns=id,published").json()
    day = {row["id"]: row["published"] for row in rows["data"]}
    days = [f"{day[one] or ''}~" for one in found]  # a month may be its last day
    assert days == sorted(days)
    assert "hedge" in family


@pytest.mark.parametrize("text", ["football misconduct", "Dublin complaints"])
def test_a_list_of_figures_tells_what_the_search_tells(client, text):
    answer = client.get("/v1/figures", params={"q": text}).json()
    assert answer["missing"] == ask(client, text)["missing"] != []


def test_a_list_of_figures_begins_with_the_row_of_the_search(client):
    for text in (*FIRST, *NEAREST):
        rows = client.get("/v1/figures", params={"q": text, "limit": "1"}).json()
        assert ids(rows["data"]) == ids(ask(client, text)["data"][:1]), text


def test_a_question_of_many_words_costs_no_more_than_one_of_few(client):
    """Each word is looked up once, and few are guessed."""
    words = " ".join(f"xq{one}z" for one in range(33))
    said = ask(client, words)
    assert said["read"]["not_understood"]
    assert not any("/v1/search" in way for way in said["missing"][0]["try"])


def test_what_nobody_has_published_is_found(client):
    found = ask(client, "officers accused by year Met")["missing"]
    ways = [way.partition("/v1")[2] for one in found for way in one["try"]]
    assert "/notes/officers-accused-by-year" in ways
    assert (
        "/unpublished/officers-accused-by-year"
        in show(client, "officers accused by year Met")[2]
    )


def test_the_places_of_a_table_are_one_row_and_a_table_fills_at_most_a_fifth(client):
    assert "34 states and territories" in show(client, "complaints in India")[0]
    rows = ask(client, "discourtesy", columns="publisher,source")["data"]
    sources = [row["source"] for row in rows]
    assert max(map(sources.count, sources)) <= 2
    assert "more of this table" in show(client, "discourtesy")[0]


@pytest.mark.parametrize(
    ("text", "shown"),
    [  # as two people typed them who had not seen the register; the number that they should see first
        ("How many complaints were made against the police in England and Wales in 2024/25?", "94,940"),
        ("How many allegations were made in 2023/24 England and Wales", "151,538"),
        ("how many complaints about the police in 2024", "94,940"),
        ("NYPD CCRB complaints trend 2019 to 2024", "5,663"),
        ("South Africa deaths as a result of police action 2023/24 compared with 2022/23", "460"),
        ("deaths Met", "3"),
        ("Garda complaints 2024", "2,226"),  # of its place the whole, not a part
    ],
)  # fmt: skip
def test_the_number_that_is_asked_stands_first(client, text, shown):
    assert first(ask(client, text))["shown"] == shown


@pytest.mark.parametrize(
    ("text", "indicator"),
    [
        ("complaints Surrey", "complaints"),
        ("complaints Surrey reviews", "reviews_completed"),
        ("Sussex police officers suspended", "suspended_on_a_day"),
    ],
)
def test_people_and_reviews_are_not_taken_for_what_is_counted(client, text, indicator):
    answer = ask(client, text)
    rows = [row["indicator"] for row in answer["data"]]
    assert (rows or [one["indicator"] for one in answer["missing"]])[0] == indicator


def test_words_that_accuse_find_nothing_that_only_occurred(client):
    for text in ("brutality", "excessive force"):
        rows = ask(client, text, columns="topic")["data"]
        assert rows
        assert "deaths" not in {row["topic"] for row in rows}


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("latest suspended", "suspended now"),
        ("most recent suspended", "suspended now"),
        ("Kent Police officers 30 September 2025", "Kent Police officers 2025"),
        ("Kent Police officers 30th September 2025", "Kent Police officers 2025"),
        ("suspended Met unicorns", "suspended Met"),
        ("IOPC complaints 2024/25 total", "IOPC complaints 2024/25"),
    ],
)
def test_words_that_narrow_nothing_change_nothing(client, text, same):
    assert ids(ask(client, text)["data"]) == ids(ask(client, same)["data"])


def test_an_old_release_is_searched_when_it_is_named(client):
    number = ask(client, "dismissed")["meta"]["release"]
    answer = ask(client, "dismissed", release=number)
    assert f"release={number}" in answer["links"]["page"]
    assert first(answer)["cite_as"].endswith(f"release={number}")
    assert f"release={number}" in show(client, "dismissed", release=number)[2]
