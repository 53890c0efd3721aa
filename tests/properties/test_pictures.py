"""However many places are asked for, there is a picture, and so is each page and address that has one."""

from urllib.parse import urlencode

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from . import naive

RELEASE = naive.NEWEST
DATASETS = sorted(naive.records(RELEASE)["dataset"])
FORCES = sorted(
    {
        row["area"]
        for row in naive.figures(RELEASE)
        if row["area"].startswith(("E23", "W15"))
    }
)
INDICATORS = sorted(naive.records(RELEASE)["indicator"])
PLACES = sorted({row["area"] for row in naive.figures(RELEASE)} - {"unstated"})


@st.composite
def requests(draw):
    """Draw a list or a table by year, many places, and a size. Forces have most kinds of number in common."""
    path = draw(st.sampled_from(["observations", *DATASETS]))
    places = draw(st.sampled_from([FORCES, PLACES]))
    number = min(draw(st.sampled_from([19, 20, 43, 60])), len(places))
    first = draw(st.integers(0, len(places) - number))
    size = draw(st.sampled_from(["narrow", "medium", "wide", "card"]))
    return (
        path + draw(st.sampled_from(["", "/by-year"])),
        tuple(places[first : first + number]),
        size,
    )


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


@settings(
    max_examples=2,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(request=requests())
@example(request=("deaths", tuple(FORCES[:16]), "narrow"))
@example(request=("deaths/by-year", tuple(FORCES[:19]), "wide"))
@example(
    request=(
        "allegations",
        tuple(one for one in PLACES if one.startswith("in_")),
        "card",
    )
)
def test_many_places_have_a_picture_and_pages_with_it(service, client, request):
    path, places, size = request
    query = {"area": ",".join(places), "size": size, "release": RELEASE}
    dataset = path.partition("/")[0]
    pages = [f"/datasets/{dataset}"] if dataset in DATASETS else []
    wanted = [
        f"{one}?{urlencode(query)}"
        for one in (f"/v1/{path}.svg", f"/v1/{path}.png", *pages)
    ]
    wanted.append(f"/oembed?{urlencode({'url': f'{service.url}{wanted[0]}'})}")
    answers = {
        address: client.get(address, headers={"Accept": "text/html"}).status_code
        for address in wanted
    }
    assert {*answers.values()} <= {200, 404}, (
        answers
    )  # 404: no figure of these places is in the dataset
