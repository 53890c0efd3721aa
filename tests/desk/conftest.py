"""An editor, for the tests of tables."""

import pytest

from tests.desk.editor import Editor


@pytest.fixture
def editor(tmp_path):
    """A register, a document beside it, and the file of its table."""
    return Editor(tmp_path)
