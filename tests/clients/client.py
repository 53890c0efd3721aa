"""Read figures, years, an indicator, an area and a table by the client that strict.sh generates."""

import sys

from register import Client
from register.api.figures import (
    get_areas,
    get_figure,
    get_indicator,
    list_figures,
    list_topic_by_year,
)
from register.api.files import list_topic_file
from register.models import (
    FigureAnswer,
    ListTopicByYearTopic,
    ListTopicFileFormat,
    ListTopicFileTopic,
    TableAnswer,
)


def show(table: object) -> TableAnswer:
    """Print the rows of a table."""
    assert isinstance(table, TableAnswer)
    for row in table.data:
        print(row.id, row.area, row.name, row.time, row.shown, row.value)
    return table


def main(url: str) -> None:
    with Client(base_url=url) as client:
        show(list_figures.sync(client=client, value=["1492"], limit=3))
        show(get_indicator.sync("complaints", client=client, area=["gb_eaw"]))
        force = show(get_areas.sync("met", client=client))
        assert force.areas
        print(force.areas[0].area)
        figure = get_figure.sync("k7m3q", client=client)
        assert isinstance(figure, FigureAnswer)
        whole = figure.data
        print(whole.shown, whole.evidence.exact, whole.standing.print_instead)
        print(whole.citation.title, [one.releases for one in whole.versions])
        topic, area = ListTopicByYearTopic.COMPLAINTS, ["gb_eaw"]
        years = list_topic_by_year.sync(topic, client=client, area=area)
        for row in show(years).data:
            print(row.year_is, row.additional_properties)
        table = list_topic_file.sync(
            ListTopicFileTopic.COMPLAINTS,
            ListTopicFileFormat.CSV,
            client=client,
            area=area,
        )
        assert isinstance(table, str)
        print(table.count("\n"))


main(sys.argv[1])
