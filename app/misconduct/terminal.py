"""What the commands share: the console, the option --data, and the settings."""

from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console

from misconduct.errors import MisconductError
from misconduct.settings import Settings

console = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)

DataFolder = Annotated[
    Path | None,
    typer.Option(
        "--data", help="Folder of the register. Default: MISCONDUCT_DATA, or data."
    ),
]


def read_settings(data: Path | None) -> Settings:
    """Read the settings. Raises MisconductError that names every wrong setting."""
    wrong = Settings.find_misspelt()
    settings = None
    try:
        settings = Settings()
    except ValidationError as error:
        wrong += [
            f"MISCONDUCT_{str(one['loc'][0]).upper()}: {one['msg'].removeprefix('Value error, ')}"
            for one in error.errors()
        ]
    if wrong or settings is None:
        raise MisconductError("\n".join(wrong))
    return settings.model_copy(update={"data": data}) if data else settings
