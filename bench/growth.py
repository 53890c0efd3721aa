"""Write what is asked of the newest release and of many figures: twenty of a kind."""

from collections.abc import Iterable

from bench.servers import Service

NUMBER = 20
YEARS = range(2014, 2024)
TEN, PLACE = "page of ten of a place", "page of a place"
KINDS = {
    TEN: True,
    PLACE: True,
    "picture": True,
    "tidy table": True,
    "by year of a place": True,
    "kind and year": True,
    "sorted by value": True,
    "page behind 5,000 rows": True,
    "search": True,
    "search for a frequent word": True,
    "a number": True,
    "changes": True,
    "all figures": True,
    "CSV of all figures": False,
    "Parquet of all figures": False,
}
"""What is asked, and whether it should not cost more when there are more figures."""


def list_paths(service: Service) -> dict[str, list[str]]:
    """Return addresses of each kind, of the places of which a service has most."""
    found = service.get("/v1/areas").json()["data"]
    areas = [area for area in found if area["rows"]]
    areas.sort(key=lambda area: -area["rows"])
    places = [area["area_code"] for area in areas[:NUMBER]]
    rows = [service.get(f"/v1/areas/{place}").json()["data"][0] for place in places]
    named = [
        f"{row['indicator']}{{}}?area={place}"
        for row, place in zip(rows, places, strict=True)
    ]
    numbers = [row["value"] for row in rows]
    return {
        TEN: _fill("/v1/figures?limit=10&area={}", places),
        PLACE: _fill("/areas/{}", places),
        "picture": ["/v1/indicators/" + name.format(".svg") for name in named],
        "tidy table": ["/v1/indicators/" + name.format(".csv") for name in named],
        "by year of a place": _fill("/v1/outcomes/by-year?area={}", places),
        "kind and year": _fill("/v1/figures?category=dishonesty&year={}", YEARS),
        "sorted by value": _fill("/v1/figures?sort=-value&year={}", YEARS),
        "page behind 5,000 rows": _fill("/v1/figures?offset=500{}", range(10)),
        "search": _fill("/v1/search?q=dishonesty+{}", YEARS),
        "search for a frequent word": _fill(
            "/v1/search?q={}", ("force", "police", "allegations", "officers", "proven")
        ),
        "a number": _fill("/v1/figures?value={}", numbers),
        "changes": _fill("/v1/changes?limit=1{}", range(10)),
        "all figures": ["/v1/figures"],
        "CSV of all figures": ["/v1/figures.csv"],
        "Parquet of all figures": ["/v1/figures.parquet"],
    }


def _fill(path: str, values: Iterable[object]) -> list[str]:
    return [path.format(value) for value in values]
