"""What a program must not misread: relations, bounds, undated figures and narrower codes, in every format."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from functools import partial
from types import SimpleNamespace

import openpyxl
import polars
import pytest

from misconduct.api import request_context
from misconduct.api.v1 import observations
from misconduct.model.catalogue import Catalogue
from misconduct.model.cautions import Facts, find_cautions
from misconduct.queries.filters import Filters
from misconduct.register import references
from tests.figures import Compared
from tests.registers import disagreement_reasons, observation_id, source_text

TABLE = """
    id    | measure   | category       | counting_unit | population | period_type | period_start | value | qualifier  | hedge     | printed  | source | origin
    bbbb2 | accused   | sexual_assault | people        | officers   | year        | 2021         | 40    | exact      |           | 40       | paper  | paper
    bbbb3 | accused   | sexual_assault | people        | officers   | year        | 2021         | 15    | exact      |           | 15       | paper  | paper
    bbbb4 | accused   | sexual_assault | people        | officers   | year        | 2021         | 40    | exact      |           | 40       | letter | paper
    bbbb5 | accused   | any_misconduct | cases         | staff      | point       |              | 1000  | just_under | nearly    | 1,000    | paper  | paper
    bbbb6 | accused   | any_misconduct | people        | officers   | unstated    |              | 1000  | more_than  | more than | 1,000    | paper  | paper
    bbbb7 | accused   | any_misconduct | people        | officers   | unstated    |              |       | magnitude  |           | hundreds | paper  | paper
    bbbb8 | suspended | any_misconduct | people        | officers   | year        | 2024         | 7     | exact      |           | 7        | paper  | paper
    bbbbb | suspended | any_misconduct | people        | officers   | year        | 2021         |       | between    |           | between 50 and 60 | paper  | paper
    bbbb9 | suspended | any_misconduct | people        | officers   | window      | 2014         | 90    | exact      |           | 90       | paper  | paper
"""

HEAD = "code,version,label,definition,broader,defined_by\n"
FILES = {
    "relations.yaml": """\
- {id: part, version: 1, type: part_of, figures: [bbbb3], of: bbbb2}
- {id: again, version: 1, type: repeats, figures: [bbbb4], of: bbbb2}
""",
    "classifications.yaml": """\
- {id: stock, version: 1, code: stock_or_flow/stock, of: {period_type: [point]}}
- {id: flow, version: 1, code: stock_or_flow/flow, of: {period_type: [year]}}
- {id: exception, version: 1, code: stock_or_flow/stock, of: {observation: [bbbb8]}}
""",
    "not-published.yaml": """\
- id: how-many-dismissed
  version: 1
  question: How many were dismissed?
  measure: [dismissed]
  datasets: [figures]
  searched: [paper]
  explanation: Neither document says.
""",
    "codelists/measure.csv": HEAD
    + "accused,1,Accused,.,,Us\nsuspended,1,Suspended,.,,Us\ndismissed,1,Dismissed,.,,Us\n",
    "codelists/category.csv": HEAD + "any_misconduct,1,Any,.,,Us\nsexual_assault,1,Assault,.,any_misconduct,Us\n",
    "datasets.yaml": """\
- {id: figures, version: 1, title: Figures, description: All., measures: [accused, suspended, dismissed]}
""",
    "sources/paper.yaml": source_text("paper", published="2024-03-05"),
    "codelists/stock_or_flow.csv": HEAD + "stock,1,Stock,At one time.,,Us\nflow,1,Flow,Over a period.,,Us\n",
}


DATASET = {
    "datasets.yaml": json.dumps(
        [{"id": "figures", "version": 1, "title": "Figures", "description": "All.", "measures": ["accused"]}]
    )
}


@pytest.fixture
def asked(api, publish):
    """Answers of a service with these figures, as JSON or in another format."""
    publish(TABLE, files=FILES)

    def ask(query: str = "", path: str = "/v1/observations"):
        answer = api.get(f"{path}?{query}" if "/by-year" in path else f"{path}?{query}&detail=full")
        assert answer.status_code == 200, answer.text
        return answer.json() if not path.partition(".")[2] else answer.content

    return ask


def ids(answer) -> list[str]:
    return sorted(one["id"] for one in answer["data"])


def codes(answer) -> set[str]:
    return {one["code"] for one in answer["warnings"]}


def test_relations_and_classifications_are_columns_in_every_format(asked):
    shown = {one["id"]: one for one in asked()["data"]}
    assert [shown[one]["part_of"] for one in ("bbbb2", "bbbb3")] == [[], ["bbbb2"]]
    assert [shown[one]["repeats"] for one in ("bbbb2", "bbbb4")] == [None, "bbbb2"]
    assert {one: shown[one]["stock_or_flow"] for one in ("bbbb2", "bbbb5", "bbbb6", "bbbb8")} == {
        "bbbb2": "flow", "bbbb5": "stock", "bbbb6": None, "bbbb8": "stock",
    }  # fmt: skip
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(asked(path="/v1/observations.csv").decode()))}
    assert (rows["bbbb3"]["part_of"], rows["bbbb4"]["repeats"], rows["bbbb8"]["stock_or_flow"]) == (
        "bbbb2", "bbbb2", "stock",
    )  # fmt: skip
    frame = polars.read_parquet(io.BytesIO(asked(path="/v1/observations.parquet")))
    parts = dict(zip(frame["id"], frame["part_of"].to_list(), strict=True))
    assert (parts["bbbb2"], parts["bbbb3"]) == ([], ["bbbb2"])


def test_a_sum_without_repetitions_and_parts_counts_nothing_twice(asked):
    assert {"whole_and_parts", "repeated_claims"} <= codes(asked("category=sexual_assault"))
    left = asked("category=sexual_assault&repeats=exclude&parts=exclude")
    assert ids(left) == ["bbbb2"]
    assert not {"whole_and_parts", "repeated_claims"} & codes(left)
    assert ids(asked("repeats=only")) == ["bbbb4"]
    assert ids(asked("parts=only")) == ["bbbb3"]


def test_a_part_of_a_claim_and_a_repetition_of_the_claim_are_both_in_a_sum(asked):
    answer = asked("source=letter&source=paper&category=sexual_assault&repeats=exclude")
    assert ids(answer) == ["bbbb2", "bbbb3"]
    assert "whole_and_parts" in codes(answer)


def test_one_printing_of_each_claim_stays_and_a_part_whose_whole_is_not_there(asked):
    assert ids(asked("source=letter&repeats=exclude")) == ["bbbb4"]
    assert ids(asked("value=15&parts=exclude")) == ["bbbb3"]
    assert ids(asked("source=letter&value=15&value=40&parts=exclude")) == ["bbbb4"]
    claim = asked("value=15&value=40&repeats=exclude&parts=exclude")
    assert ids(claim) == ["bbbb2"]
    for form in ("csv", "jsonl"):
        rows = asked("value=15&value=40&repeats=exclude&parts=exclude", f"/v1/observations.{form}").decode()
        assert [one in rows for one in ("bbbb2", "bbbb3", "bbbb4")] == [True, False, False]


def test_what_many_related_figures_say_is_indexed_and_weighed_in_a_thread(served, asked, monkeypatch):
    loops, weigh, leave_out = [], observations.find_cautions, request_context.left_out_ids

    def note(make, *given):
        loops.append(asyncio._get_running_loop())
        return make(*given)

    for name in ("said_of_figures", "copies_and_parts", "related_figures"):
        known = getattr(Catalogue, name)
        monkeypatch.setattr(known, "func", partial(note, known.func))
    served.service.releases._catalogues.clear()
    assert asked("source=letter")["meta"]["total"] == 1
    assert loops == [None] * 3
    loops.clear()
    for module in (observations, request_context):
        monkeypatch.setattr(module, "MOST_RELATED", 0)
    monkeypatch.setattr(observations, "find_cautions", partial(note, weigh))
    monkeypatch.setattr(request_context, "left_out_ids", partial(note, leave_out))
    for query in ("value=40", "value=15&value=40&parts=exclude&repeats=exclude"):
        assert ids(asked(query)) == {"value=40": ["bbbb2", "bbbb4"]}.get(query, ["bbbb2"])
    assert "repeated_claims" in codes(asked("shape=long", "/v1/observations/by-year"))
    assert loops == [None] * 4


def test_what_a_list_leaves_out_is_found_once_for_all_its_pages_and_of_much_in_its_turn(served, asked, monkeypatch):
    found, leave_out = [], request_context.left_out_ids
    monkeypatch.setattr(request_context, "MOST_RELATED", 1)
    monkeypatch.setattr(request_context, "left_out_ids", lambda *given: found.append(given) or leave_out(*given))
    with monkeypatch.context() as patched:
        patched.setattr(served.service.encoder._exports, "_free", 0)
        assert served.client.get("/v1/observations?parts=exclude").status_code == 503
    pages = [asked(f"parts=exclude&limit={limit}&sort=id") for limit in (1, 2, 3)]
    assert [ids(one) for one in pages] == [["bbbb2"], ["bbbb2", "bbbb4"], ["bbbb2", "bbbb4", "bbbb5"]]
    assert ids(asked("parts=exclude&repeats=exclude&value=40")) == ["bbbb2"]
    assert len(found) == 2


class Read(dict):
    """A mapping that notes whose values are read."""

    def __init__(self, content):
        super().__init__(content)
        self.keys_read = set()

    def __getitem__(self, key):
        self.keys_read.add(key)
        return super().__getitem__(key)

    def items(self):
        self.keys_read.update(self)
        return super().items()

    def values(self):
        self.keys_read.update(self)
        return super().values()


def test_few_related_figures_are_weighed_without_reading_what_all_others_are_parts_of():
    relations = {f"r{n}": {"type": "part_of", "figures": [f"part{n}"], "of": f"whole{n}"} for n in range(100)}
    catalogue = Catalogue(None, {"relation": relations}, {})
    copies, parts = catalogue.copies_and_parts
    catalogue.__dict__["copies_and_parts"] = copies, (read := Read(parts))
    [told] = find_cautions(catalogue, Facts([], [], [], ["part7", "whole7", "part8"], 0, False), {})
    assert told["detail"].startswith("1 figure is a part of others in this list, such as part7 of whole7.")
    assert read.keys_read == {"part7", "part8"}


def test_many_questions_without_an_answer_are_named_together(api, publish):
    question = {
        "version": 1,
        "question": "How many?",
        "measure": ["accused"],
        "datasets": ["figures"],
        "searched": ["paper"],
    }
    several = [{"id": f"q-{n:02}", **question, "explanation": "Nobody says."} for n in range(23)]
    publish("measure | value\naccused | 4", files={**DATASET, "not-published.yaml": json.dumps(several)})
    told = [
        one for one in api.get("/v1/observations?measure=accused").json()["warnings"] if one["code"] == "not_published"
    ]
    assert [one["available"] for one in told[:20]] == [[f"q-{n:02}"] for n in range(20)]
    assert told[20]["detail"] == "No source answers 3 further questions about it."
    assert told[20]["available"] == ["q-20", "q-21", "q-22"]
    assert len(told) == 21


def test_a_release_whose_relations_go_in_a_circle_is_answered(api, publish, monkeypatch):
    circle = [
        {"id": f"r{n}", "version": 1, "type": "part_of", "figures": [observation_id(n)], "of": observation_id(1 - n)}
        for n in range(2)
    ]
    monkeypatch.setattr(references, "_check_relations", lambda *_: None)  # whoever made the release did not ask
    publish(
        "id | value\n" + "\n".join(f"{observation_id(n)} | 40" for n in range(2)),
        files={"relations.yaml": json.dumps(circle)},
    )
    answers = [api.get(path) for path in ("/v1/observations", "/v1/observations/by-year")]
    assert [answer.status_code for answer in answers] == [200] * 2
    assert [one["code"] for one in answers[0].json()["warnings"]] == ["whole_and_parts"]


def test_a_part_of_a_part_is_a_part_of_the_whole_however_long_the_chain(api, publish):
    many = 1_200  # more than Python nests calls
    relations = [
        {"id": f"r{n}", "version": 1, "type": "part_of", "figures": [observation_id(n + 1)], "of": observation_id(n)}
        for n in range(many - 1)
    ]
    rows = "\n".join(f"{observation_id(n)} | {1900 + n % 100} | {many - n}" for n in range(many))
    publish("id | year | value\n" + rows, files={"relations.yaml": json.dumps(relations)})
    ends = f"value={many}&value=1"
    whole, part = api.get(f"/v1/observations?{ends}&sort=-value").json()["data"]
    assert (whole["value"], part["value"]) == (many, 1)
    [told] = [one for one in api.get(f"/v1/observations?{ends}").json()["warnings"] if one["code"] == "whole_and_parts"]
    assert told["detail"].startswith(
        f"1 figure is a part of others in this list, such as {part['id']} of {whole['id']}."
    )
    assert ids(api.get(f"/v1/observations?{ends}&parts=exclude").json()) == [whole["id"]]
    assert api.get("/v1/observations?parts=exclude").json()["meta"]["total"] == 1


def test_a_part_is_a_part_of_the_claim_that_its_whole_repeats(api, publish):
    relations = FILES["relations.yaml"].replace("of: bbbb2}\n- ", "of: bbbb4}\n- ")
    publish(TABLE, files={**FILES, "relations.yaml": relations})
    [part] = api.get("/v1/observations?value=15").json()["data"]
    assert part["part_of"] == ["bbbb4", "bbbb2"]
    left = api.get("/v1/observations?value=15&value=40&repeats=exclude&parts=exclude").json()
    assert ids(left) == ["bbbb2"]


def test_what_prints_a_part_again_is_a_part_too(api, publish):
    table = TABLE.replace(
        "2021         | 40    | exact      |           | 40       | letter",
        "2021         | 15    | exact      |           | 15       | letter",
    )
    publish(
        table,
        files={**FILES, "relations.yaml": FILES["relations.yaml"].replace("[bbbb4], of: bbbb2", "[bbbb4], of: bbbb3")},
    )
    answer = api.get("/v1/observations?id=bbbb2&id=bbbb4&repeats=exclude").json()  # without the part that it repeats
    assert (ids(answer), codes(answer)) == (["bbbb2", "bbbb4"], {"stated_by_several", "whole_and_parts"})
    assert ids(api.get("/v1/observations?id=bbbb2&id=bbbb4&repeats=exclude&parts=exclude").json()) == ["bbbb2"]
    assert ids(api.get("/v1/observations?parts=only").json()) == ["bbbb3", "bbbb4"]


@pytest.mark.parametrize(
    ("asked", "total", "alike"),
    [
        ("", 4, ["a-part-and-another-repeated", "a-whole-and-its-part", "two-parts"]),
        ("parts=only", 3, ["a-part-and-another-repeated", "two-parts"]),
        ("parts=only&category=fraud", 1, []),
        ("parts=exclude", 1, []),
        ("repeats=only", 1, []),
        ("repeats=exclude", 3, ["a-whole-and-its-part", "two-parts"]),
        ("repeats=only&parts=only", 1, []),
        ("parts=only&value=999", 0, []),
    ],
)
def test_what_looks_alike_is_in_the_list(api, publish, asked, total, alike):
    about = {"version": 1, "question": "How many?", "reasons": ["definition"], "explanation": "They differ."}
    members = {
        "two-parts": ["bbbb3", "bbbb4"],
        "a-whole-and-its-part": ["bbbb2", "bbbb3"],
        "a-part-and-another-repeated": ["bbbb4", "bbbb5"],
    }
    publish(
        """
        id    | category       | value | source | origin
        bbbb2 | any_misconduct |    40 | paper  | paper
        bbbb3 | theft          |    15 | paper  | paper
        bbbb4 | fraud          |    14 | paper  | paper
        bbbb5 | theft          |    15 | letter | paper
        """,
        files={
            "relations.yaml": "- {id: part, version: 1, type: part_of, figures: [bbbb3, bbbb4], of: bbbb2}\n"
            "- {id: again, version: 1, type: repeats, figures: [bbbb5], of: bbbb3}\n",
            "disagreements.yaml": json.dumps(
                [about | {"id": slug, "title": slug, "members": ids} for slug, ids in members.items()]
            ),
            **disagreement_reasons(),
        },
    )
    answer = api.get(f"/v1/observations?{asked}").json()
    found = [one["available"] for one in answer["warnings"] if one["code"] == "look_alikes"]
    assert (answer["meta"]["total"], found) == (total, [alike] * bool(alike))
    header = api.get(f"/v1/observations.csv?{asked}").headers.get("Misconduct-Warnings", "")
    assert ("look_alikes" in header) is bool(alike)


def test_a_table_names_its_warnings_in_a_header(api, publish):
    publish(TABLE, files=FILES)
    answer = api.get("/v1/observations.csv?category=sexual_assault")
    assert answer.headers["Misconduct-Warnings"] == "whole_and_parts;parameter=parts, repeated_claims;parameter=repeats"
    assert "unlike_units;parameter=counting_unit" in api.get("/v1/observations.csv").headers["Misconduct-Warnings"]
    nobody = api.get("/v1/observations.csv?measure=dismissed").headers["Misconduct-Warnings"]
    assert nobody.startswith("not_published;parameter=measure")


@pytest.mark.parametrize(
    ("asked", "warned"),
    [("id=bbbb4,bbbb2", ""), ("id=bbbb4,bbbb2,zzzzz", "ids_absent;parameter=id"), ("value=999", "emptied")],
)
def test_a_chart_names_the_same_warnings_whatever_was_asked_before(api, publish, asked, warned):
    publish(TABLE, files=FILES)
    first = api.get(f"/v1/observations.svg?{asked}").headers["Misconduct-Warnings"]
    listed = api.get(f"/v1/observations?{asked}").json()["warnings"]
    assert first == ", ".join(f"{one['code']};parameter={one['parameter']}" for one in listed)
    assert warned in first
    assert ("ids_absent" in first) == ("ids_absent" in warned)


def test_a_by_year_table_has_the_warnings_of_its_figures(asked):
    assert "repeated_claims" in codes(asked(path="/v1/observations/by-year"))


def test_kinds_that_may_include_each_other_are_told(asked):
    [warning] = [one for one in asked("counting_unit=people")["warnings"] if one["code"] == "several_kinds"]
    assert (warning["parameter"], warning["available"]) == ("measure", ["accused", "suspended"])
    assert "several_kinds" not in codes(asked("category=sexual_assault"))


def test_units_that_differ_are_told_with_the_parameter_that_chooses_one(asked):
    [warning] = [one for one in asked("measure=accused")["warnings"] if one["code"] == "unlike_units"]
    assert (warning["parameter"], warning["available"]) == ("counting_unit", ["cases", "people"])
    assert "unlike_units" not in codes(asked("category=sexual_assault"))


def test_now_is_found_by_the_day_of_publication_and_what_has_no_date_is_told(asked):
    found = asked("period_from=2024&period_to=2024")
    assert ids(found) == ["bbbb5", "bbbb8", "bbbb9"]
    [beyond] = [one for one in found["warnings"] if one["code"] == "windows_reach_beyond"]
    assert beyond["detail"].startswith("1 figure is for a period that reaches beyond the days asked for.")
    assert [one["period"]["not_after"] for one in found["data"] if one["id"] == "bbbb5"] == ["2024-03-05"]
    [warning] = [one for one in found["warnings"] if one["code"] == "undated_left_out"]
    assert warning["detail"].startswith("2 figures are left out, because no date is printed.")
    assert "undated_left_out" in codes(asked("year=2019"))


def test_the_printed_words_set_bounds_and_the_filters_by_value_go_by_them(asked):
    bounds = {one["id"]: (one["value_low"], one["value_high"]) for one in asked()["data"]}
    assert bounds["bbbb5"] == (None, 999)
    assert bounds["bbbb6"] == (1001, None)
    assert bounds["bbbb7"] == (200, None)
    assert bounds["bbbb2"] == (None, None)
    assert bounds["bbbbb"] == (50, 60)
    assert ids(asked("value_from=1000")) == ["bbbb6", "bbbb7"]  # more than 1,000, and hundreds; not nearly 1,000
    assert ids(asked("value_from=5000")) == ["bbbb6", "bbbb7"]
    assert ids(asked("value_from=900&value_to=1000")) == ["bbbb5", "bbbb7"]
    assert ids(asked("value_to=1001&value_from=1001")) == ["bbbb6", "bbbb7"]
    assert ids(asked("value_from=60&value_to=199")) == ["bbbb9", "bbbbb"]  # 90, and between 50 and 60; not hundreds
    assert ids(asked("value_from=100&value_to=300")) == ["bbbb7"]


def test_a_fall_of_more_than_five_per_cent_is_found_among_greater_falls(api, publish):
    publish(
        """
        id    | statistic | unit    | value | qualifier | hedge     | printed
        bbbb2 | change    | percent | -5    | more_than | more than | 5%
        bbbb3 | change    | percent | -5    | less_than | less than | 5%
        bbbb4 | change    | percent | 5     | more_than | more than | 5%
        bbbb5 | change    | percent | -5    | exact     |           | 5%
        """
    )
    found = {
        query: ids(api.get(f"/v1/observations?{query}").json())
        for query in ("value_to=-8", "value_from=-4", "value=-5")
    }
    assert found == {
        "value_to=-8": ["bbbb2"],
        "value_from=-4": ["bbbb3", "bbbb4"],
        "value=-5": ["bbbb2", "bbbb3", "bbbb5"],
    }


def test_a_broader_code_finds_the_narrower_ones_and_says_which(asked):
    answer = asked("category=any_misconduct&measure=accused")
    assert ids(answer) == ["bbbb2", "bbbb3", "bbbb4", "bbbb5", "bbbb6", "bbbb7"]
    assert answer["meta"]["narrower"] == {"category": ["sexual_assault"]}
    assert "narrower_included" in codes(answer)
    exact = asked("category=any_misconduct&measure=accused&narrower=0")
    assert (ids(exact), exact["meta"]["narrower"]) == (["bbbb5", "bbbb6", "bbbb7"], {})


def test_the_narrower_codes_are_told_without_comparing_all_with_all(monkeypatch):
    monkeypatch.setattr(Compared, "times", 0)
    given, codes = [Compared(f"a{n}") for n in range(100)], [f"a{n}" for n in range(1_000)]
    question = SimpleNamespace(values={"area": given}, filters=Filters((("area", tuple(codes)),)))
    assert request_context.Question.narrower.func(question) == {"area": codes[100:]}
    assert Compared.times < 1_000


def test_a_filter_by_classification_finds_what_has_the_code(asked):
    assert ids(asked("stock_or_flow=stock")) == ["bbbb5", "bbbb8"]
    assert ids(asked("stock_or_flow=flow")) == ["bbbb2", "bbbb3", "bbbb4", "bbbbb"]


def test_what_is_true_or_false_is_that_in_every_format(asked, api):
    assert (
        polars.read_parquet(io.BytesIO(asked(path="/v1/observations.parquet")))["source_held"].to_list() == [True] * 9
    )
    rows = csv.DictReader(io.StringIO(asked(path="/v1/observations.csv").decode()))
    assert {row["source_held"] for row in rows} == {"true"}
    sheet = openpyxl.load_workbook(io.BytesIO(asked(path="/v1/observations.xlsx"))).worksheets[0]
    header = [cell.value for cell in sheet[1]]
    assert sheet.cell(2, header.index("source_held") + 1).value is True
    sources = api.get("/v1/sources.parquet").content
    assert polars.read_parquet(io.BytesIO(sources)).schema["held"] == polars.Boolean


def test_a_part_of_a_year_is_told(asked):
    [warning] = [one for one in asked("measure=suspended")["warnings"] if one["code"] == "part_years"]
    assert (warning["available"], warning["detail"][:8]) == (["2024"], "1 figure")


def test_an_empty_answer_points_to_what_nobody_has_published(asked):
    [warning] = [one for one in asked("measure=dismissed")["warnings"] if one["code"] == "not_published"]
    assert (warning["detail"], warning["available"]) == (
        "How many were dismissed? Neither document says.", ["how-many-dismissed"],
    )  # fmt: skip


SEVERAL = """
    id    | measure | counting_unit | period_type | period_start | period_end | value | value_absent | obs_status | printed | source
    bbbb2 | accused | people        | year        | 2018         |            | 21    |              |            | 21      | paper
    bbbb3 | accused | people        | window      | 2018-01      | 2018-12    | 21    |              |            | 21      | letter
    bbbb4 | accused | people        | year        | 2019         |            | 7     |              |            | 7       | paper
    bbbb5 | accused | unstated      | year        | 2019         |            | 7     |              |            | 7       | letter
    bbbb6 | accused | people        | point       | 2020         |            | 7     |              |            | 7       | paper
    bbbb7 | accused | people        | year        | 2020         |            | 7     |              |            | 7       | letter
    bbbb8 | accused | people        | year        | 2017         |            |       | suppressed   | Q          | *       | paper
    bbbb9 | accused | people        | year        | 2016         |            |       | not_stated   | M          | some    | paper
"""


def test_what_several_sources_count_is_told_with_the_parameter_that_chooses_one(api, publish):
    publish(SEVERAL)
    [warning] = [one for one in api.get("/v1/observations").json()["warnings"] if one["code"] == "stated_by_several"]
    assert (warning["parameter"], warning["available"]) == ("source", ["letter", "paper"])
    assert warning["detail"].startswith("1 thing is counted here by several sources, in the same period.")
    assert "stated_by_several" in codes(api.get("/v1/observations?year=2018").json())
    for mended in ("source=paper", "source=letter", "year=2019", "year=2020"):
        assert "stated_by_several" not in codes(api.get(f"/v1/observations?{mended}").json()), mended


def test_one_claim_that_several_sources_print_is_told_as_a_repetition_alone(asked):
    assert "stated_by_several" not in codes(asked("value=40"))


def test_a_hidden_number_is_told_because_a_sum_leaves_it_out(api, publish):
    publish(SEVERAL)
    [warning] = [one for one in api.get("/v1/observations").json()["warnings"] if one["code"] == "hidden_left_out"]
    assert (warning["parameter"], warning["available"]) == (None, [])  # no list can leave it out, or has only these
    assert warning["detail"].startswith("1 figure has a number that is hidden, and not to be read as zero.")
    assert "hidden_left_out" not in codes(api.get("/v1/observations?year=2016").json())


def test_part_of_a_financial_year_is_told_by_its_label(api, publish):
    published = {"sources/paper.yaml": source_text("paper", published="2024-03-05")}
    publish("period_type | period_start | value\n year | 2023-04 | 7", files=published)
    [warning] = api.get("/v1/observations").json()["warnings"]
    assert (warning["code"], warning["available"]) == ("part_years", ["2023/24"])
    assert api.get("/v1/observations?year=2023/24").json()["meta"]["total"] == 1


def test_years_of_one_label_that_begin_in_different_months_are_warned_of(api, publish):
    publish("""
        id    | source | period_type | period_start | period_end | value
        bbbb2 | paper  | year        | 2020-04      |            | 1
        bbbb3 | letter | year        | 2020-10      |            | 2
        bbbb4 | letter | window      | 2021-10      | 2022-09    | 3
        bbbb5 | third  | year        | 2022         |            | 4
    """)
    for path in ("/v1/observations", "/v1/observations/by-year"):
        [warning] = [one for one in api.get(path).json()["warnings"] if one["code"] == "unlike_years"]
        assert (warning["parameter"], warning["available"]) == ("source", ["letter", "paper"])
        assert "different months: 2020/21 in April and October." in warning["detail"]
        assert "unlike_years" not in codes(api.get(f"{path}?source=letter").json())
    assert "unlike_years" in api.get("/v1/observations/by-year.csv").headers["misconduct-warnings"]


def test_a_list_of_more_figures_than_are_weighed_says_so(api, publish):
    few, many = ("\n".join(["value | value_absent", " | suppressed", *[" 7 |"] * number]) for number in (499, 500))
    publish(few)
    answer = api.get("/v1/observations?limit=1").json()
    assert codes(answer) == {"hidden_left_out"}
    publish(many, "1.1.0", "2024-06-01")
    for path in ("/v1/observations?limit=1", "/v1/observations.csv"):
        assert "weighed_in_part" in api.get(path).headers.get("misconduct-warnings", api.get(path).text)
