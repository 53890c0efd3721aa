"""Errors that a command reports in a sentence. What the API answers with is in `misconduct.api.problems`."""


class MisconductError(Exception):
    """Say in a sentence what went wrong and what to do about it; the command line prints it and ends with status 1."""


class RegisterError(MisconductError):
    """The register has mistakes; the message has a line for each, with its place."""


class ReleaseError(MisconductError):
    """A release folder is missing, incomplete or changed."""


class DatabaseError(MisconductError):
    """The database cannot be started, reached or used."""


class DatabaseUnavailable(DatabaseError):
    """The database did not answer in time, or no connection was free. The same request may succeed a moment later."""


class TooManyRows(MisconductError):
    """A table has too many rows for its format."""


class TooBusy(MisconductError):
    """A picture or a text took too long. The same request may succeed later."""
