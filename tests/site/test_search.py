"""Look-up answers what people ask with series: the right figure first, or that it is not held, and the way on."""

import html
import re
from urllib.parse import quote_plus

import pytest

from .test_pages import BROWSER

WORDS = {  # questions of a reviewer, and the figure that comes first
    "share with criminal records": "fjrrv",  # around one in 200, Metropolitan Police
    "custody deaths Merseyside 2019": "gj7cr",  # 0, 2019/20
    "custody 2018/19": "rpg77",  # 17, England and Wales
    "officers in West Midlands": "wftrw",  # 7990.7 posts, 31 March 2025
    "excessive force Philadelphia": "f8mq8",  # 4 upheld in 2020
    "chokehold New York": "nvbn2",  # 233 in 2013
    "police shootings London": "srb9j",  # 2, 2019/20
    "stop and search": "pds4p",  # 940 complaints with a stop and frisk, New York City
    "GMP misconduct": "gg5cq",  # 22 dismissed, 2024/25; not how many it employs
    "Is 1,071 right?": "kv58v",
    "who gets dismissed": "xx6c3",  # 426, England and Wales, 2024/25
    "trust in police poll": "s7xm4",  # 42% who do not
    "sacked in Delhi": "knfqz",  # 35 in 2010
    "racism in the Met": "tnbvx",  # hundreds kept in the job
    "officers accused of rape": "rtwz4",  # 110 cases of rape by police officers, South Africa
    "Kent police complaints": "vmxs7",  # 6451 allegations, 2024/25; not reviews
}
NEW = {  # twenty more
    "suspended": "d52pj",  # some 88 in December 2024, Ireland
    "officers suspended 2025": "brg49",  # 35 in Scotland in five months of 2025
    "how many officers are suspended in the West Midlands": "s28zh",  # 50
    "suspended in Kent": "w786w",  # 16
    "suspended by rank West Midlands": "s28zh",
    "Cleveland restricted duties": "h9293",  # 14
    "vetting failures": "qzvgz",  # 319 applicants refused, Thames Valley
    "failed vetting": "qzvgz",
    "barred list": "vpfmj",  # 735, England and Wales, 2024/25
    "barred list 2023": "b2hx5",  # 593 in 2023/24
    "barred Cumbria": "z4svg",  # 7
    "special constables barred": "wbj5f",  # thirty-one
    "dismissals": "xx6c3",
    "sacked Met 2024": "g5xzz",  # 151
    "misconduct hearings 2022": "tvb7p",  # 266 officers, 2022/23
    "accelerated misconduct hearings": "n4mnt",  # 187
    "NYPD complaints 2023": "x6q4s",  # 5,604
    "deaths in custody South Africa": "xnk56",  # 212 in 2023/24
    "officers convicted": "x9pmg",  # 30 in Kenya; England and Wales has only the watchdog's
    "killed": "xvhb3",  # 120 shot dead in Jamaica; no suicide
}
NUMBERS = {  # as somebody types them, and the figure that comes first
    **dict.fromkeys(("1,071", "1071", "1071 officers", "Is it 1,071?"), "kv58v"),
    **dict.fromkeys(
        ("1,000", "1k", "a thousand"), "w3t7k"
    ),  # around 1,000 suspended or restricted
    **dict.fromkeys(("1 492", "1,492", "1492 officers"), "k7m3q"),
    **dict.fromkeys(("one in 200", "0.5%", "1 in 200"), "fjrrv"),
    **dict.fromkeys(("42%", "forty-two per cent", "42 per cent"), "s7xm4"),
    "nearly 1,000": "w2rmd",
    "150": "qtqwk",  # allegations of 2024/25, Kent; older: the Met's standards department
    "116": "jbvr3",  # allegations of 2024/25, Lancashire; older: the Met's sexual assaults of 2021
    "161": "d5fcj",
    "half": "x9w6n",
    "two in five": "gx2j3",  # 40% of investigations in Seattle
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
NEAR = {  # numbers that nobody printed, and the figure that was meant
    "1,429": "k7m3q",
    "1.492": "k7m3q",
    "14922": "k7m3q",
    "39,940": "xn388",
    "39,940 Met officers": "xn388",
    "6,497 West Midlands": "fjdwq",
    "1,800": "smnvj",
}
NOT_HELD = {  # what the answer says, and where it leads
    "dismissed in Scotland": ("Without “dismissed”", "/areas/gb_sct"),
    "Yorkshire suspended": ("Without “Yorkshire”", "/areas/E23000010"),
    "David Carrick": ("Try another word", "/unpublished"),
    "9871234": ("Check the digits", "/unpublished"),
}


class Page:
    """An answer: its text, where its links lead, and the figures of its results."""

    def __init__(self, client, text, **given):
        answer = client.get("/look-up", params={"q": text, **given}, headers=BROWSER)
        assert answer.status_code == 200
        self.main = re.search(r"<main.*</main>", answer.text, re.DOTALL)[0]
        self.text = html.unescape(
            re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", self.main))
        )
        self.links = [
            html.unescape(one) for one in re.findall(r'href="([^"]+)"', self.main)
        ]
        self.rows = re.findall(
            r'<tr role="row">\s*<th role="rowheader".*?</tr>', self.main, re.DOTALL
        )
        heads = [re.search(r"<th.*?</th>", row, re.DOTALL)[0] for row in self.rows]
        self.figures = [
            (re.findall(r"/observations/(\w+)", head) or [""])[0] for head in heads
        ]

    def leads_to(self, path):
        return any(re.split("[?#]", one)[0] == path for one in self.links)


@pytest.mark.parametrize(
    ("text", "figure"), [*WORDS.items(), *NEW.items(), *NUMBERS.items()]
)
def test_what_is_asked_comes_first(client, text, figure):
    assert Page(client, text).figures[0] == figure


@pytest.mark.parametrize(("text", "figures"), NEAR.items())
def test_a_number_that_nobody_printed_leads_to_what_was_meant(client, text, figures):
    page = Page(client, text)
    assert page.leads_to(f"/observations/{figures}") or any(
        quote_plus(figures) in one for one in page.links
    )


@pytest.mark.parametrize(
    ("text", "said", "path"), [(text, *one) for text, one in NOT_HELD.items()]
)
def test_what_is_not_held_is_said_and_leads_on(client, text, said, path):
    page = Page(client, text)
    assert page.rows == []
    assert said in page.text
    assert page.leads_to(path)
    assert page.leads_to("/unpublished")


def test_figures_that_have_only_one_of_two_words_say_which_they_lack(client):
    """Chicago counts allegations about notice of the use of tasers, and nobody's death."""
    assert "These figures are not about deaths" in Page(client, "taser deaths").text


def test_a_number_that_only_a_sum_has_is_explained_first(client):
    """1,805 is what four kinds of cases add up to; a table of Himachal Pradesh has it, too."""
    page = Page(client, "1805")
    assert page.text.index("Why others differ") < page.text.index("Himachal Pradesh")
    assert "another number" not in page.text


def test_the_number_of_suspended_in_a_year_is_that_of_its_days(client):
    page = Page(client, "How many Met officers were suspended in 2023?")
    assert page.figures[0] == "qx7nq"  # 201 on 19 September
    assert "201 or 183 suspended" in page.rows[0]


def test_a_word_that_no_figure_has_is_struck_through(client):
    page = Page(client, "suspended Met unicorns")
    assert "<s>unicorns</s>" in page.main
    assert page.figures[0] == Page(client, "suspended Met").figures[0]
    assert "<s>" not in Page(client, "suspended Met").main


@pytest.mark.parametrize(
    "text",
    ["the", "!!!", "how many", "& | ! <->", "\u8b66\u5bdf", "'", '""', "ism 2018/19"],
)
def test_a_question_without_words_finds_nothing(client, text):
    assert Page(client, text).rows == []


def test_a_place_leads_to_its_page_first(client):
    for text, code in (
        ("Kent", "E23000032"),
        ("Metropolitan Police", "E23000001"),
        ("Kenya", "ke"),
    ):
        page = Page(client, text)
        paths = [one.partition("?")[0] for one in page.links]
        assert (
            next(one for one in paths if one != "/look-up") == f"/areas/{code}"
        )  # but for the newest release
        assert page.rows


def test_the_places_of_a_table_are_one_result(client):
    page = Page(client, "complaints in India")
    assert "Also for 34 states and territories" in page.rows[0]
    assert (
        page.figures[0] == "ph3kx"
    )  # 24 in the Andaman and Nicobar Islands, the first row of the table
    kerala = next(one for one in page.links if "area=in_kl" in one and "q=" in one)
    [row] = Page(client, "complaints in India", area="in_kl", measure="alleged").rows
    assert "q=complaints+in+India" in kerala
    assert "Kerala" in row
    whole = Page(client, "deaths in custody", dataset="deaths", area="gb_eaw").rows[0]
    assert "18" in whole
    assert "Also for 43 forces" in whole


def test_a_table_fills_at_most_a_fifth_of_a_page(client):
    page = Page(client, "discourtesy")
    sources = [re.search(r'class="said">([^<]*)', row)[1] for row in page.rows]
    of_tables = [
        one for one in sources if one.startswith("Counted by this register from")
    ]
    assert of_tables
    assert all(of_tables.count(one) <= 2 for one in of_tables)
    assert "more of this table" in page.text


def test_facets_narrow_an_answer(client):
    page = Page(client, "suspended")
    facet = next(one for one in page.links if "area=gb_sct" in one)
    narrowed = Page(client, "suspended", area="gb_sct")
    assert "q=suspended" in facet
    assert "Narrow by place, what happened" in page.text
    assert "Narrow by what happened" in narrowed.text
    assert 0 < len(narrowed.rows) < len(page.rows)
    assert Page(client, "suspended", area="gb_sct", year="2025").figures == ["brg49"]


def test_a_series_says_how_many_years_it_has(client):
    """Deaths in custody in Kent from 2004/05 to 2019/20."""
    assert "16 years</a>" in Page(client, "custody deaths Kent").rows[0]


@pytest.mark.parametrize(
    "text",
    [
        "suspended now",
        "how many officers are suspended right now",
        "currently suspended",
    ],
)
def test_who_asks_for_now_finds_numbers_at_one_time_first_the_newest_first(
    client, text
):
    """Not 35 suspensions that Scotland made in five months of 2025."""
    page = Page(client, text)
    assert page.figures[0] == "d52pj"  # some 88 in Ireland in December 2024
    assert "brg49" not in page.figures
    assert "numbers at one moment come first" in page.text
    assert "<s>" not in page.main


@pytest.mark.parametrize(
    "text",
    ["failed vetting in 2025", "how many police officers were refused vetting in 2025"],
)
def test_words_of_a_result_of_vetting_are_read_and_a_year_without_figures_is_said(
    client, text
):
    page = Page(client, text)
    assert all("clearance refused" in row or "vetting" in row for row in page.rows)
    assert re.search(
        "Not held: applicants refused vetting clearance.*, 2025. Held for another year: 319",
        page.text,
    )
    assert not page.leads_to("/unpublished/officers-accused-by-year")


@pytest.mark.parametrize(
    "text",
    ["which police force sacks the most officers", "worst forces for dismissals"],
)
def test_places_are_not_ranked(client, text):
    page = Page(client, text)
    assert "We do not rank" in page.text
    assert any(
        one.startswith("/datasets/outcomes?measure=dismissed") for one in page.links
    )
    assert (
        page.figures[0] == "xx6c3"
    )  # 426, England and Wales, with the forces that it has
    assert "“force" not in page.text


@pytest.mark.parametrize(
    ("text", "first"),
    [("Garda complaints 2024", "2,226"), ("complaints Ireland 2024", "2,226")],
)
def test_a_part_never_stands_before_the_whole_of_its_place(client, text, first):
    assert f"<b>{first}</b>" in Page(client, text).rows[0]


def test_a_year_or_a_word_that_no_figure_has_is_said_first(client):
    this_year = Page(client, "people killed by police in the UK this year")
    assert "The first figure below is of 2019/20" in this_year.text
    assert "<b>3</b>" in this_year.rows[0]  # people shot, England and Wales
    assert (
        "No figure here says “German”" in Page(client, "German police suspended").text
    )
    shot = Page(client, "killed by police 2031").text
    assert (
        "Not held: people shot dead by the police, 2031. Held for another year: 120"
        in shot
    )


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("use of force complaints", "32.5%"),
        ("complaints Australian Capital Territory", "6.6 per hundred"),
    ],
)
def test_a_share_has_its_unit(client, text, number):
    assert number in Page(client, text).text


def test_rows_of_several_places_name_the_country_and_differ(client):
    page = Page(client, "deaths in custody")
    rows = [re.sub(r"<[^>]+>|\s+", " ", row) for row in page.rows]
    assert any("Also for 7 states and territories in Australia" in row for row in rows)
    assert len({*rows}) == len(rows)


@pytest.mark.parametrize(
    "text", ["compare kent and surrey", "Kent vs Surrey", "Kent Surrey complaints"]
)
def test_two_places_lead_to_both_side_by_side(client, text):
    page = Page(client, text)
    assert page.leads_to("/areas/E23000032,E23000031")
    assert page.rows


def test_two_places_are_those_that_the_form_of_places_takes(client):
    """New York is the city, since nothing is held of the state."""
    form = client.get(
        "/areas", params={"q": "New York", "beside": "Philadelphia"}, headers=BROWSER
    )
    codes = (
        form.headers["location"].partition("?")[0].removeprefix("/areas/").split(",")
    )
    assert {*codes} == {"us_ny_new_york", "us_pa_philadelphia"}
    page = Page(client, "New York or Philadelphia more complaints")
    assert page.leads_to("/areas/us_ny_new_york,us_pa_philadelphia")
    assert not page.leads_to("/areas/us_ny")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("philadelfia complants", "Philadelphia complaints"),
        ("philadelfia complaints", "Philadelphia complaints"),
        ("metropolitain police suspended", "Metropolitan police suspended"),
        (
            "Greater Manchester suspendd officers",
            "Greater Manchester suspended officers",
        ),
    ],
)
def test_a_misspelt_word_leads_to_the_one_that_was_meant(client, text, meant):
    page = Page(client, text)
    assert f"Did you mean {meant}?" in page.text
    assert any(f"q={quote_plus(meant)}" in one for one in page.links)
    assert page.rows
    assert "Did you mean" not in Page(client, meant).text


@pytest.mark.parametrize(
    ("text", "rows"), [("Germany police brutality", True), ("Norway", False)]
)
def test_a_country_that_is_not_held_leads_to_those_that_are(client, text, rows):
    page, name = Page(client, text), text.split()[0]
    assert f"“{text}”: “{name}” is not known here" in page.text
    assert all(
        one in page.text for one in ("United Kingdom", "South Africa", "Belgium")
    )
    assert page.leads_to("/areas")
    assert bool(page.rows) is rows
    assert "Countries with figures" not in Page(client, "suspended Met unicorns").text


def test_only_disagreements_of_figures_on_the_page_explain_it(client):
    page = Page(client, "suspended Met")
    assert page.leads_to(
        "/disagreements/suspended-or-restricted-now-and-over-ten-years"
    )
    assert not any("garda" in one or "northern-ireland" in one for one in page.links)


def test_a_row_names_what_others_say_instead(client):
    """One of four pages prints 183 suspended, not 201."""
    page = Page(client, "suspended Met")
    row = page.rows[page.figures.index("qx7nq")]
    assert "Others differ" in row
    assert "/disagreements/met-suspended-in-september-2023" in row
    assert "201 or 183 suspended" in row
    assert "Others differ" not in Page(client, "suspended in Kent").rows[0]


def test_the_title_tells_rows_from_figures(client):
    """Two of the four figures repeat those of the rows."""
    assert "4 figures in 2 rows" in Page(client, "do Londoners trust the Met?").text
    assert "“one in 50”: 1 figure Look" in Page(client, "one in 50").text


def test_beside_figures_other_questions_are_named_only(client):
    page = Page(client, "officers accused Met sexual")
    assert page.leads_to("/unpublished/officers-accused-by-year")
    assert "None of the documents" not in page.text


def test_words_that_accuse_find_nothing_that_only_occurred(client):
    for text in ("brutality", "excessive force"):
        links = Page(client, text).links
        assert any("measure=alleged" in one for one in links)
        assert not any("measure=occurred" in one for one in links)


def test_pages_follow_each_other(client):
    first, second = (Page(client, "suspended", offset=offset) for offset in ("0", "10"))
    assert len(first.rows) == 10
    assert any("offset=10" in one for one in first.links)
    assert {*first.figures}.isdisjoint(second.figures)


@pytest.mark.parametrize(
    ("text", "figure", "is_first"),
    [
        ("complaints in England 2024/25", "v2snq", True),  # 94,940, England and Wales
        ("police dismissals England", "xx6c3", True),  # 426
        ("Kent dismissed 2024/25", "xx6c3", True),
        (
            "suspended Brent",
            "qx7nq",
            True,
        ),  # 201, of September 2023, Metropolitan Police
        ("complaints in Wales", "v2snq", False),  # 744 finalised, and only serious ones
        ("complaints against Kent Police", "v2snq", False),  # 6451 allegations
    ],
)
def test_a_place_without_what_is_asked_leads_to_the_wider_one(
    client, text, figure, is_first
):
    page = Page(client, text)
    assert "East of England" not in page.text
    assert page.figures[0] == figure or not is_first
    [card] = re.findall(r'<p class="card">(.*?)</p>', page.main, re.DOTALL)
    assert "Held of a place which includes it: " in card
    assert f"/observations/{figure}" in card


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "complaints against Kent Police",
            "Not held: complaints about the police, Kent Police.",
        ),
        (
            "Kent dismissed 2024/25",
            "Not held: officers dismissed, Kent Police, 2024/25.",
        ),
        ("Croydon complaints", "Not held: complaints about the police, Croydon."),
    ],
)
def test_what_is_asked_and_not_held_is_said_with_what_to_ask(client, text, said):
    page = Page(client, text).text
    assert said in page
    assert "Ask for it: “How many" in page


@pytest.mark.parametrize(
    "text",
    [
        "suspended Met",
        "dismissed England and Wales",
        "complaints 2024/25",
        "Kent reviews",
    ],
)
def test_what_is_held_is_not_said_to_lack(client, text):
    assert "Not held" not in Page(client, text).text


@pytest.mark.parametrize(
    "text", ["suspended Met", "Kent", "Delhi dismissed", "England and Wales dismissed"]
)
def test_a_place_that_holds_what_is_asked_leads_nowhere_else(client, text):
    assert "which includes" not in Page(client, text).text


@pytest.mark.parametrize(
    ("text", "area"),
    [
        *(
            (text, "us")
            for text in (
                "US police complaints",
                "U.S. complaints",
                "1,380 complaints in the US",
            )
        ),
        ("tell us about complaints", None),
    ],
)
def test_a_place_in_capitals_is_read_before_the_words_that_say_nothing(
    client, text, area
):
    page = Page(client, text)
    assert page.leads_to("/areas/us") is (area == "us")
    assert page.leads_to("/areas/gb_eaw") is (area is None)


def test_an_unknown_word_is_said_to_be_unknown_and_nothing_more(client):
    page = Page(client, "XYP officers dismissed")
    assert (
        "No figure here says “XYP”. If it is a short name of a place, try the full name."
        in page.text
    )
    assert "nothing about" not in page.text.lower()
    lower = Page(client, "Toronto xyp officers")
    assert lower.rows == []  # they would be about officers of any kind
    assert "No figure here says “xyp”" in lower.text
    assert "None has" not in lower.text


@pytest.mark.parametrize(
    "text",
    [
        "IOPC complaints 2024/25 total",
        "complaints against the police per year",
        "trend of complaints in Jamaica",
    ],
)
def test_words_that_narrow_nothing_are_left_out(client, text):
    page = Page(client, text)
    assert "<s>" not in page.main
    assert "is held with these words" not in page.text
    assert page.rows


@pytest.mark.parametrize("words", ["latest", "newest", "most recent", "recent"])
def test_words_for_the_newest_number_are_read(client, words):
    page = Page(client, f"{words} suspended")
    assert page.figures == Page(client, "suspended now").figures
    assert f"“{words}”: numbers at one moment come first" in page.text
    complaints = Page(client, f"{words} complaints")
    assert (
        f"“{words}”: the newest number of each" in complaints.text
    )  # no complaint lasts
    assert "We do not rank" not in complaints.text


def test_the_newest_number_is_no_span_of_ten_years(client):
    page = Page(client, "met police suspended officers 2025")
    assert (
        "Not held: officers suspended from duty, Metropolitan Police, 2025. Held for another year: 201"
        in page.text
    )


@pytest.mark.parametrize(
    "text",
    ["officers convicted of sexual offences", "convicted of sexual offences Met"],
)
def test_the_title_of_a_document_stands_for_no_figure(client, text):
    """A page on abuse of position for a sexual purpose has convictions of any crime, and another of dishonesty."""
    page = Page(client, text)
    assert "<s>sexual</s>" in page.main
    assert page.rows


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("half", "share of 4,575 allegations of discrimination"),
        ("one in 200", "share of all officers"),
        ("one in 34", "share of 34,000 officers"),
        ("sexual assault complaints 2021/22 six per cent", "share of 524 complaints"),
    ],
)
def test_a_share_never_stands_without_its_whole(client, text, whole):
    assert whole in Page(client, text).text


@pytest.mark.parametrize(
    "text",
    ["complaints against Kent Police", "complaints Essex", "complaints Surrey 2024/25"],
)
def test_reviews_are_not_shown_as_complaints(client, text):
    rows = Page(client, text).rows
    assert rows
    assert "review" not in rows[0]
    reviews = Page(client, text.replace("complaints", "reviews")).rows
    assert "review" in reviews[0]
    for row in [*rows, *reviews]:
        assert "review" not in row or "These are reviews, not complaints." in row


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("deaths in custody 2023/24", "England and Wales (18, newest: 2019/20)"),
        ("police shootings 2022", "England and Wales (3, newest: 2019/20)"),
        ("complaints 2024", "New Zealand (3,026, newest: 2018/19)"),
    ],
)
def test_countries_that_lack_the_year_are_named(client, text, said):
    assert said in Page(client, text).text.partition("Held for other years only: ")[2]


@pytest.mark.parametrize(
    "text",
    [
        "deaths in custody 2018/19",
        "deaths in custody",
        "deaths in custody UK 2023/24",
        "complaints 2031",
    ],
)
def test_no_country_is_said_to_lack_a_year_that_it_has_or_that_nobody_asks_for(
    client, text
):
    named = (
        Page(client, text)
        .text.partition("Held for other years only: ")[2]
        .partition(".")[0]
    )
    assert "England and Wales" not in named


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("dismissed -suspended", "-suspended"),
        ("dismissed OR sacked", "OR"),
        ("dismissed !met", "!"),
    ],
)
def test_signs_that_steer_no_search_are_told(client, text, sign):
    assert (
        f"Search reads words, not signs between or before them (“{sign}”)"
        in Page(client, text).text
    )
    for other in (
        "Devon & Cornwall racism",
        "re-examined",
        "dismissed, or sacked",
        "2019-20",
        "Is it 1,071!",
    ):
        assert "Search reads words" not in Page(client, other).text


def test_police_officers_says_of_whom_and_not_how_many_there_are(client):
    page = Page(client, "Sussex police officers suspended")
    assert "Not held: officers suspended from duty, Sussex Police." in page.text
    assert "full-time posts" not in page.text


def test_people_in_the_police_are_found_beside_officers(client):
    """The force prints 86 people who lost vetting clearance, and of some only that they were officers."""
    page = Page(client, "met police officers failed re-vetting")
    assert {"gh3gn", "gvk55"} <= {*page.figures}
    assert "not about" not in page.text


def test_figures_that_share_only_the_place_are_no_answer(client):
    page = Page(client, "pepper spray India 2023")
    assert page.rows == []


def test_a_rate_that_is_not_held_is_said_not_to_be(client):
    page = Page(
        client,
        "rate of complaints per 1,000 employees Cleveland Police",
    )
    assert "Not held as a rate per employees:" in page.text


def test_what_is_held_only_of_places_inside_the_one_that_is_asked_says_so(client):
    page = Page(
        client,
        "police officers accused of domestic abuse England and Wales",
    )
    assert (
        "No figure that was found is about England and Wales as a whole." in page.text
    )
    whole = Page(client, "officers dismissed England and Wales")
    assert "as a whole" not in whole.text


def test_the_year_ending_in_a_month_is_no_subject(client):
    page = Page(client, "officers dismissed in the year ending March 2025")
    assert "not about" not in page.text


@pytest.mark.parametrize(
    ("asked", "question"),
    [
        ("complaints Kent 2025/26", "were received in 2025/26?"),
        ("complaints Kent 2023", "were received in 2023?"),
        ("complaints Kent", "were received in 2025?"),
        ("officers suspended Sussex 2022/23", "suspension from duty on 31 March 2023"),
    ],
)
def test_a_question_that_is_not_held_is_asked_about_its_year(client, asked, question):
    page = Page(client, asked)
    assert question in page.text
    assert "Requests that are ready to send" in page.text


def test_a_place_that_is_no_force_of_the_united_kingdom_has_no_request(client):
    assert (
        "Requests that are ready to send"
        not in Page(client, "complaints Queensland 2025").text
    )


@pytest.mark.parametrize(
    ("asked", "first"),
    [  # as two people typed them who had not seen the register; the number that they should see first
        (
            "How many complaints were made against the police in England and Wales in 2024/25?",
            "94,940",
        ),
        ("How many allegations were made in 2023/24 England and Wales", "151,538"),
        ("how many complaints about the police in 2024", "94,940"),
        ("NYPD CCRB complaints trend 2019 to 2024", "5,663"),
        (
            "South Africa deaths as a result of police action 2023/24 compared with 2022/23",
            "460",
        ),
        ("deaths Met", "3"),
        ("IOPC deaths in or following police custody 2023/24", "18"),
    ],
)
def test_the_number_that_is_asked_stands_first(client, asked, first):
    page = Page(client, asked)
    assert (
        re.sub(
            r"<[^>]+>", "", re.search(r"<th.*?</th>", page.rows[0], re.DOTALL)[0]
        ).strip()
        == first
    )


@pytest.mark.xfail(
    reason="a row of a series has its newest number only: 393 is of 2022/23",
    strict=True,
)
def test_several_years_are_alternatives_and_none_is_said_to_be_missing(client):
    asked = (
        "South Africa deaths as a result of police action 2023/24 compared with 2022/23"
    )
    page = Page(client, asked)
    assert "Not held" not in page.text
    assert {"460", "393"} <= {*re.findall(r"\b\d{3}\b", page.text)}


def test_a_word_for_a_group_is_not_misspelt(client):
    page = Page(client, "what percentage of officers dismissed were black 2025")
    assert "Did you mean" not in page.text


KINDS = {  # what a journalist asked who had not seen the register: the first figure, and what is said before it
    "South Wales Police racism complaints": (
        "tfpz9",
        "Not held: complaints about the police: “racism”, South Wales",
    ),
    "use of force complaints Merseyside": ("xsrdd", "Held of a wider kind: 2883"),
    "deaths in police custody 2025 England and Wales": (
        "xx6h7",
        "Held for another year: 18",
    ),
    "gross misconduct hearings Kent police 2024/25": (
        "tvb7p",
        "Held for another year of a place which includes it",
    ),
    "police barred list sexual offences": ("mmmqc", ""),
    "officers who failed vetting Met Police 2025": (
        "gh3gn",
        "Held for another year: 86",
    ),
    "Chicago police use of force complaints since 2019": (
        "tgtc9",
        "Chicago, since 2019",
    ),
    "officers dismissed since 2019 England and Wales": ("xx6c3", ""),
    "how many police officers are on the barred list": (
        "vpfmj",
        "counts a time, not how many there are at one moment",
    ),
    "Queensland police complaints 2023-24": (
        "qszbs",
        "The first figure is a rate, not how many.",
    ),
    "PSNI complaints 2025": ("x7v9t", "The first figure is of a part of the year."),
    "stop and search complaints by ethnicity": (
        "pds4p",
        "“stop and search”, “by ethnicity”. Held without that",
    ),
    "strip search complaints new york": ("m668t", "Held, counted otherwise: 258"),
    "how many officers failed vetting and were sacked 2025": (
        "cvxjn",
        "Held for another year: 96",
    ),
    "stop and search England and Wales": ("kmp9z", ""),
    "officers charged England and Wales 2024": (
        "nngb2",
        "Held for another year: Eight",
    ),
    "sexual misconduct Met 2025": (
        "",
        "The first number is of a part only: no number of all of them was found.",
    ),
    "how many police officers were charged with criminal offences in 2024?": (
        "jp2gk",
        "(Eight, newest: 2020/21)",
    ),
}


@pytest.mark.parametrize(
    ("asked", "figure", "said"), [(asked, *one) for asked, one in KINDS.items()]
)
def test_the_nearest_that_is_held_comes_first_and_what_it_lacks_is_said(
    client, asked, figure, said
):
    page = Page(client, asked)
    assert page.figures[0] == figure or not figure
    assert said in page.text


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        (
            "percentage of complaints upheld west midlands police",
            "82%",
        ),  # of another process, in all forces
        ("complaints by force", "63%"),  # about the use of force
        (
            "sexual misconduct allegations against police officers in England and Wales 2025",
            "6%",
        ),
    ],
)
def test_no_share_of_others_stands_in_for_what_is_asked(client, asked, number):
    assert number not in Page(client, asked).text.partition("Narrow by")[0]


@pytest.mark.parametrize(
    "asked",
    [
        "police barred list sexual offences",
        "NYPD civilian complaints substantiated 2023",
        "Toronto complaints between 2020 and 2023",
        "trust in met police since 2019",
    ],
)
def test_a_page_denies_nothing_that_a_list_finds(client, asked):
    text = Page(client, asked).text
    assert not any(one in text for one in ("not about", "None has", "Nothing for"))


@pytest.mark.parametrize(
    "span", ["2020 to 2022", "from 2020 to 2022", "between 2020 and 2022", "2020-2022"]
)
def test_all_years_of_a_span_are_asked_for_and_no_others(client, span):
    """Chicago has allegations of force in each year from 2010 to 2023."""
    query = {
        "q": f"Chicago use of force {span}",
        "columns": "year",
        "limit": 1000,
    }
    assert {one["year"] for one in client.get("/v1/observations", params=query).json()["data"]} == {
        "2020", "2021", "2022",
    }  # fmt: skip


def test_a_word_is_mended_only_where_it_stands_alone(client):
    text = Page(client, "offic officers suspended Met").text
    assert "officeers" not in text.lower()


def test_each_of_two_places_has_a_row(client):
    page = Page(client, "complaints finalised Essex and Sussex")
    assert {"Essex Police", "Sussex Police"} <= {
        one for row in page.rows for one in re.findall(r"\w+ Police", row)
    }


def test_what_both_of_two_places_have_comes_before_what_one_has(client):
    """Of West Yorkshire 3,234 complaints of 2020/21 are held, of Merseyside none."""
    page = Page(
        client,
        "compare Merseyside and West Yorkshire police complaints",
    )
    assert page.figures[:2] == ["xsrdd", "hspmg"]  # allegations: 2883 and 4,909


@pytest.mark.parametrize(
    "asked",
    ["which force sacks most officers latest", "Hong Kong complaints 2019 CAPO OR Met"],
)
def test_one_notice_stands_before_the_first_figure(client, asked):
    before = Page(client, asked).main.partition("<table")[0].partition("</form>")[2]
    assert before.count("<p>") + before.count('class="card"') == 1


@pytest.mark.parametrize(
    ("asked", "place"),
    [
        ("GMP vs Met misconduct hearings", "Greater Manchester Police"),
        ("Essex and Sussex complaints", "Sussex"),
    ],
)
def test_of_two_places_the_one_without_a_figure_is_named(client, asked, place):
    assert f"Nothing of this is held of {place}" in Page(client, asked).text


@pytest.mark.parametrize(
    "text", ["poll 2023", "2031", "unicorns 2024", "officers 2024"]
)
def test_a_year_beside_no_subject_leads_to_no_other_year(client, text):
    assert "Held for other years only" not in Page(client, text).text


@pytest.mark.parametrize(
    ("asked", "figure", "said"),
    [  # each asks for more than any figure has
        (
            "how many officers were sacked after misconduct hearings since 2019",
            "xx6c3",
            "not about misconduct hearings.",
        ),
        (
            "bullying complaints West Midlands police",
            "rqf9x",  # 3110 handled informally, a part, which the answer says
            "“bullying”, West Midlands Police. Held of a wider kind: 3110",
        ),
        (
            "corrupt officers jailed Kent 2020",
            "vwzbw",
            "Held of a place which includes it: 11",
        ),
        (
            "use of force by ethnicity England and Wales",
            "nrfct",
            "Not held: “by ethnicity”, “use of force”",
        ),
        (
            "Kent police officers fired for sexual assault since 2015",
            "xx6c3",
            "Not held: officers dismissed: “sexual assault”, Kent Police, since 2015. Held of a place which",
        ),
    ],
)
def test_a_long_question_leads_to_the_nearest_answer(client, asked, figure, said):
    page = Page(client, asked)
    assert page.figures[0] == figure
    assert said in page.text


@pytest.mark.parametrize(
    "span", ["last five years", "past 10 years", "last few months", "last year"]
)
def test_a_number_of_years_is_no_number_that_is_looked_up(client, span):
    page = Page(client, f"complaints in England and Wales in the {span}")
    assert page.figures[0] == "v2snq"  # 94,940 in 2024/25
    assert f"“{span}”: the newest number of each" in page.text
    assert "No document here prints" not in page.text


@pytest.mark.parametrize(
    ("asked", "figure", "meant"),
    [
        (
            "kerela police complaints",
            "c5269",
            "Kerala police complaints",
        ),  # 4294 in 2010
        ("Merseysde deaths in custody", "gj7cr", "Merseyside deaths in custody"),
        ("Torronto complaints", "bqtmt", "Toronto complaints"),
    ],
)
def test_a_place_that_is_misspelt_is_answered_at_once(client, asked, figure, meant):
    page = Page(client, asked)
    assert page.figures[0] == figure
    assert f"Did you mean {meant}? This is the answer to that." in page.text


def test_a_share_of_a_part_is_no_answer_for_the_share_of_all(client):
    """Only of officers after complaints from women is it printed how many of 100 were dismissed."""
    page = Page(
        client,
        "what percentage of officers are dismissed England and Wales",
    )
    assert page.figures[0] == "xx6c3"  # 426
    assert (
        "Not held as a share: officers dismissed. The first figure is how many."
        in page.text
    )


@pytest.mark.parametrize(
    ("word", "figure"),
    [  # everyday words, and the first of what they are called here
        ("perjury barred list", "bstnw"),  # 126 for dishonesty
        ("blacklisted officers", "vpfmj"),
        ("tribunals Essex", "c7jg7"),  # 14 sent to a hearing
        ("morts police France", "jq4nj"),  # 16 personnes décédées
        ("usage d'armes France", "mx3tz"),
        ("psni officers suspended over sexual misconduct", "h6d65"),
    ],
)
def test_everyday_words_are_known(client, word, figure):
    page = Page(client, word)
    assert page.figures[0] == figure
    assert "<s>" not in page.main


@pytest.mark.parametrize(
    "asked",
    [
        "police misconduct payouts New York",
        "allegations of excessive force in England and Wales upheld",
    ],
)
def test_what_else_is_to_be_said_follows_the_figures(client, asked):
    page = Page(client, asked)
    before, _, after = page.main.partition("<table")
    assert before.count("<strong>") <= 2
    assert "page of this place" in after


@pytest.mark.parametrize(
    "asked",
    ["payouts", "police misconduct payouts New York", "compensation Met police"],
)
def test_who_asks_for_money_is_told_that_none_is_held(client, asked):
    assert "No sums of money are held." in Page(client, asked).text


@pytest.mark.parametrize(
    "asked",
    ["how long does it take to finalise a complaint", "average time of investigations"],
)
def test_who_asks_for_lengths_of_time_is_told_that_none_are_held(client, asked):
    assert "No lengths of time are held." in Page(client, asked).text


@pytest.mark.parametrize(
    "day", ["30 September 2025", "September 30, 2025", "30th September 2025"]
)
def test_the_day_of_a_date_is_no_number(client, day):
    """Kent has 30 allegations of a kind."""
    page = Page(client, f"Kent Police officers {day}")
    assert "No document here prints" not in page.text
    assert page.figures[0] == Page(client, "Kent Police officers 2025").figures[0]


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        (
            "Merseyside polcie suspended officers",
            "Merseyside Police suspended officers",
        ),
        ("survey of trust in the police", None),
        ("CAPO complaints", None),
    ],
)
def test_only_words_that_nobody_knows_are_misspelt(client, asked, meant):
    text = Page(client, asked).text
    assert (f"Did you mean {meant}?" in text) if meant else "Did you mean" not in text
    assert (
        not meant or "Not held: officers suspended from duty, Merseyside Police" in text
    )


def test_of_a_place_what_is_counted_otherwise_comes_before_a_wider_place(client):
    """West Midlands Police has 7,990.7 full-time posts of 2025, and no headcount."""
    page = Page(client, "West Midlands Police workforce headcount 2026")
    assert page.figures[0] == "wftrw"
    assert "Held for another year, counted otherwise: 7990.7" in page.text


def test_no_word_that_is_left_out_is_empty(client):
    page = Page(client, "South Wales Police gross misconduct dismissals")
    assert " or ." not in page.text
    assert "“”" not in page.text


def test_the_us_in_small_letters_is_the_united_states(client):
    page = Page(
        client,
        "how many people were killed by police in the us in 2024",
    )
    assert "Not held: " in page.text
    assert "United States" in page.text
    assert "South Africa" not in page.text.partition("Figures that were found")[0]


def test_an_old_day_is_not_newer_than_a_new_year(client):
    """12 were suspended in Scotland early in 2015, and 65 in 2024/25."""
    page = Page(client, "how many police scotland officers are suspended")
    assert page.figures[0] == "m2k48"


def test_what_is_held_often_comes_first_whatever_a_question_leaves_of_it(client):
    """The federal police of Canada have complaints of nine years, of which one is left, and Ontario has one year."""
    figures = Page(client, "complaints 2023").figures
    assert "sh5b9" in figures  # 4,500
    assert "gt3c8" not in figures  # 5,367 in Ontario


@pytest.mark.parametrize("asked", ["officers suspended", "1,071", "suspended Met 2023"])
def test_no_word_is_said_to_be_missing_if_all_are_known(client, asked):
    assert "No figure here says" not in Page(client, asked).text
