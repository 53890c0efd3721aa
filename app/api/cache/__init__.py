"""Answers that were given before, kept as bytes in front of everything else (docs/decisions/0010).

`keys` says which requests ask the same, `kept` how an answer is kept, `store` which are worth their place, `hits` how
their log lines are written, and `layer` puts them in front of the service.
"""

from app.api.cache.layer import AnswerCache

__all__ = ["AnswerCache"]
