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


@settings(
    max_examples=2,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(request=requests())
@example(request=("after-contact", tuple(FORCES[:16]), "narrow"))
@example(request=("after-contact/by-year", tuple(FORCES[:19]), "wide"))
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
