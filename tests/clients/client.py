"""Read figures, years, standing and a table by the client that strict.sh generates."""

import sys

from register import Client
from register.api.figures import list_dataset, list_dataset_by_year, list_standing
from register.api.files import list_dataset_file
from register.models import (
    ByYearAnswer,
    FigureListAnswer,
    ListDatasetFileFormat,
    StandingListAnswer,
)


def main(url: str) -> None:
    with Client(base_url=url) as client:
        figures = list_dataset.sync(
            "allegations", client=client, area=["E23000001"], limit=3
        )
        assert isinstance(figures, FigureListAnswer)
        for figure in figures.data:
            print(
                figure.id,
                figure.printed,
                figure.value,
                figure.area and figure.area.label,
            )
        years = list_dataset_by_year.sync(
            "allegations", client=client, area=["E23000001"], limit=3
        )
        assert isinstance(years, ByYearAnswer)
        for series in years.data:
            print(series.counted, years.meta.years)
        standing = list_standing.sync(client=client, id=["k7m3q:1492"])
        assert isinstance(standing, StandingListAnswer)
        for cited in standing.data:
            print(cited.id, cited.status, cited.print_instead)
        table = list_dataset_file.sync(
            "allegations", ListDatasetFileFormat.CSV, client=client, limit=1
        )
        assert isinstance(table, str)
        print(table.count("\n"))


main(sys.argv[1])
