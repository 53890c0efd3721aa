"""Pictures, read as XML."""

from xml.etree import ElementTree as ET

SVG = "{http://www.w3.org/2000/svg}"


def read_svg(text):
    return ET.fromstring(text)


def words_of(svg):
    """Return the lines of text of a picture."""
    return [text.text for text in svg.iter(f"{SVG}text")]
