"""Every measure in force is shown by a dataset in force, in every release."""

from __future__ import annotations

import pytest
import yaml

from misconduct.errors import RegisterRefused
from tests.register.reading import mistakes_of
from tests.registers import seal, write_register

TABLE = "id | value | measure\n bbbb2 | 5 | accused\n bbbb3 | 6 | suspended"


@pytest.fixture
def data(tmp_path):
    """A register with one release, whose two measures are shown by a dataset each."""
    return seal(write_register(tmp_path / "data", TABLE), "1.0.0").parents[1]


def revise_dataset(root, measures):
    """Adds version 2 of `allegations`, with other measures."""
    datasets = yaml.safe_load((root / "datasets.yaml").read_text())
    datasets.append(datasets[0] | {"version": 2, "measures": measures})
    (root / "datasets.yaml").write_text(yaml.safe_dump(datasets))


def test_a_dataset_does_not_end_while_its_measure_is_in_force(data):
    with pytest.raises(RegisterRefused) as refused:
        seal(data, ended=["dataset/allegations=Nobody looks at it"])
    assert str(refused.value) == (
        "data/codelists/measure.csv:2:1: no dataset shows the measure 'accused' from the next release on; "
        "each measure in one dataset at least (datasets.yaml)"
    )


def test_a_dataset_may_end_with_its_measure(data):
    seal(data, "2.0.0", "2024-06-01", ended=["bbbb2=x", "code/measure/accused=x", "dataset/allegations=x"])
    assert mistakes_of(data) == []


def test_a_new_version_of_a_dataset_does_not_drop_a_measure_in_force(data):
    revise_dataset(data, ["suspended"])
    assert mistakes_of(data) == [
        (
            "data/codelists/measure.csv:2:1: no dataset shows the measure 'accused' from the next release on; "
            "each measure in one dataset at least (datasets.yaml)"
        )
    ]


def test_a_measure_may_move_from_one_dataset_to_another(data):
    revise_dataset(data, ["suspended"])
    datasets = yaml.safe_load((data / "datasets.yaml").read_text())
    datasets.append(datasets[1] | {"version": 2, "measures": ["accused", "suspended"]})
    (data / "datasets.yaml").write_text(yaml.safe_dump(datasets))
    assert mistakes_of(data) == []


def test_a_dataset_that_the_law_removed_leaves_its_measures_unshown_in_the_past_only(data):
    datasets = yaml.safe_load((data / "datasets.yaml").read_text())
    (data / "datasets.yaml").write_text(yaml.safe_dump([*datasets[1:], datasets[0] | {"id": "all"}]))
    seal(data, "2.0.0", "2024-06-01", removed=["dataset/allegations@1=A court ordered it"])
    assert mistakes_of(data) == []
