"""Make a text plain for search, so that the same question finds the same in every database and spelling.

Texts are made plain when they are loaded, and searches when they are asked. Only ASCII letters and digits are left: of
other characters, Postgres decides by the locale of a database whether they belong to a word.
"""

import re
import unicodedata

from misconduct.model.codes import WORDS

NEGATIONS = frozenset(WORDS["negation"]["any"])
_JOINED = {**dict.fromkeys(NEGATIONS, "no"), "would": "would"}
"""What is joined to the next word: would have been dismissed is not dismissed."""
STOP_WORDS = frozenset(WORDS["stop"]["search"])
"""Words that say nothing of their own; they are left out of texts and of searches."""
_NAMES = {name: words for words, names in WORDS["capitals"].items() for name in names}
_NAME = re.compile(rf"(?<![\w.])(?:{'|'.join(map(re.escape, _NAMES))})(?!\w)")
"""Names in capitals that are other words in small letters: US, which is not us."""

_SIGNS = {
    "'": "\u2018\u2019\u201a\u201b\u02bc\u2032\u0060\u00b4\uff07",
    '"': "\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033\uff02",
    "-": "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d",
}
_STRAIGHT = str.maketrans(
    {sign: plain for plain, signs in _SIGNS.items() for sign in signs}
)
SPACE_IN_NUMBER = re.compile(r"(?<=\d)[\u00a0\u2009\u202f](?=\d{3}(?!\d))")
_COMMA_IN_NUMBER = re.compile(r"(?<=\d)[,'](?=\d{3}(?!\d))")
_NEGATED_VERB = re.compile(r"\b\w+n't\b")
_POSSESSIVE = re.compile(r"'s\b|\b[dl]'(?=\w)")
"""The end of Kent's, and the French beginning of d'armes."""
_OF_NAME = re.compile(
    r"\b(scotland(?=\W+yard\b)|west(?=\W+virginia\b)|new(?=\W+(?:hampshire|jersey|mexico|york)\b))\W+"
)
"""First words of names, joined to the next one since they name another place: Scotland Yard is not in Scotland."""
_WORD_OR_END = re.compile(r"(?:\d+\.)*[a-z0-9]+|[.,;:!?()]")


def straighten(text: str) -> str:
    """Return a text with plain quotation marks, apostrophes, dashes and digits, and without invisible characters.

    Raised and lowered digits are signs of footnotes and become spaces: 1,131² is 1,131.
    """
    text = SPACE_IN_NUMBER.sub(",", text).translate(_STRAIGHT)
    return "".join(map(_straighten, text)) if not text.isascii() else text


def is_invisible(character: str) -> bool:
    """Tell whether a character is not seen, such as a soft hyphen, a space without width or a byte order mark."""
    return unicodedata.category(character) == "Cf"


def in_small_letters(text: str) -> str:
    """Return a text of as many characters, so that places stay: a Turkish İ would become two."""
    small = text.lower()
    return (
        small
        if len(small) == len(text)
        else "".join(one.lower() if len(one.lower()) == 1 else one for one in text)
    )


def _straighten(character: str) -> str:
    if character.isascii():
        return character
    if is_invisible(character):
        return ""
    form = unicodedata.decomposition(character)
    if form.startswith(("<super>", "<sub>")):
        return " "
    if form.startswith("<fraction>"):
        return " " + unicodedata.normalize("NFKC", character).replace("\u2044", "/")
    digit = unicodedata.decimal(character, None)
    return unicodedata.normalize("NFKC", character) if digit is None else str(digit)


def plain_words(text: str) -> list[str]:
    """Return the words of a text that search compares, in small letters and ASCII, and without accents.

    A negation is joined to the next word, so that "not proven" has another word than "found proven": `noproven`.
    So are the names of places that have the name of another place in them: York is not in New York. A name in
    capitals is read before the words that say nothing are left out: US.
    """
    text = _NAME.sub(lambda match: _NAMES[match[0]], straighten(text))
    text = unicodedata.normalize("NFKD", text).casefold()
    text = _POSSESSIVE.sub("", _NEGATED_VERB.sub("not", _COMMA_IN_NUMBER.sub("", text)))
    text = _OF_NAME.sub(r"\1", re.sub(r"'|[^\x00-\x7f]", "", text))
    words, negation = [], ""
    for word in _WORD_OR_END.findall(text):
        if word in _JOINED:
            negation = _JOINED[word]
        elif not word[-1].isalnum():
            negation = ""
        elif word not in STOP_WORDS:
            words.append(negation + word)
            negation = ""
    return words


def plain(text: str) -> str:
    return " ".join(plain_words(text))
