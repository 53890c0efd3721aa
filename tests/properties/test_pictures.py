"""Whatever is asked of an indicator, there is a picture of rows of its table, or a refusal."""

from urllib.parse import urlencode

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.charts import ids_of, read_svg

from . import naive

RELEASE = naive.NEWEST
INDICATORS = sorted(naive.records(RELEASE)["indicator"])
PLACES = sorted({row["area"] for row in naive.figures(RELEASE)} - {"unstated"})


@st.composite
def pictures(draw):
    """Draw an indicator, a few places or many, other filters, and how its picture is asked for."""
    number = draw(st.sampled_from([0, 1, 2, 3, 6, 20, 90]))
    query = {"area": ",".join(draw(st.permutations(PLACES))[:number])}
    query["year"] = draw(st.sampled_from(["", "", "2019", "2010..2020", "2024"]))
    query["by"] = draw(st.sampled_from(["", "", "kind"]))
    query["all"] = draw(st.sampled_from(["", "", "1"]))
    query["latest"] = draw(st.sampled_from(["", "", "1"]))
    asked = {name: value for name, value in query.items() if value}
    size = draw(st.sampled_from(["narrow", "wide", "card"]))
    return draw(st.sampled_from(INDICATORS)), asked, size


@settings(
    max_examples=60,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(picture=pictures())
@example(picture=("complaints", {"area": "in_kl,in_pb,E23000032"}, "card"))
@example(picture=("complaints", {"all": "1"}, "narrow"))
def test_a_picture_draws_rows_of_its_table_or_is_refused(client, picture):
    indicator, query, size = picture
    address = f"/v1/indicators/{indicator}.svg?{urlencode({**query, 'size': size})}"
    answer = client.get(address)
    table = client.get(f"/v1/indicators/{indicator}?{urlencode(query)}").json()
    held = {row["id"] for row in table["data"] if row["id"]}
    assert answer.status_code in (200, 404), address
    if answer.status_code == 404:
        assert answer.json()["detail"], address
    else:
        assert {*ids_of(read_svg(answer.text))} <= held, address
