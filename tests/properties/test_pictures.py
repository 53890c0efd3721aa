"""Whatever indicator and however many places are asked for, there is a picture, or nothing is held."""

from urllib.parse import urlencode

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from . import naive

RELEASE = naive.NEWEST
INDICATORS = sorted(naive.records(RELEASE)["indicator"])
PLACES = sorted({row["area_code"] for row in naive.figures(RELEASE)} - {"unstated"})


@st.composite
def pictures_of_indicators(draw):
    """Draw an indicator, a few places or many, and how its picture is asked for."""
    number = draw(st.sampled_from([0, 1, 2, 3, 6, 20, 90]))
    places = draw(st.permutations(PLACES))[:number]
    return (
        draw(st.sampled_from(INDICATORS)),
        tuple(places),
        draw(st.sampled_from(["narrow", "medium", "wide", "card"])),
        draw(st.sampled_from(["light", "dark", "auto"])),
        draw(st.sampled_from(["svg", "png"])),
    )


FEW_HAVE_NUMBERS = ("in_kl", "in_pb", "E23000032")


@settings(
    max_examples=60,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(picture=pictures_of_indicators())
@example(picture=("complaints", FEW_HAVE_NUMBERS, "card", "light", "svg"))
@example(picture=("complaints", FEW_HAVE_NUMBERS, "card", "light", "png"))
@example(picture=("complaints", (*PLACES[:90], "in_kl"), "wide", "light", "svg"))
def test_any_indicator_and_places_have_a_picture_or_no_figure(client, picture):
    indicator, places, size, theme, suffix = picture
    query = {"size": size, "theme": theme}
    if places:
        query["area"] = ",".join(places)
    address = f"/v1/indicators/{indicator}.{suffix}?{urlencode(query)}"
    assert client.get(address).status_code in {200, 404}, address
