"""Draw a badge: a line of text on one colour, which says how a figure stands."""

from html import escape

from misconduct.pictures.canvas import COLOURS, text_width

HEIGHT, PADDING = 20, 6
SIZE = 12


def draw_badge(text: str, description: str, address: str, *, is_warning: bool) -> str:
    """Return a badge as SVG, as wide as its text needs, that links an address where it is not in an `<img>`."""
    light = COLOURS["light"]
    paper, ink = (
        (light["warning"], light["on_warning"])
        if is_warning
        else (light["paper"], light["ink"])
    )
    length = round(text_width(text, SIZE))  # also where another font is shown
    width = length + 2 * PADDING
    said = escape(text, quote=False)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width}" height="{HEIGHT}" '
        f'viewBox="0 0 {width} {HEIGHT}"><title>{said}</title><desc>{escape(description, quote=False)}</desc>'
        f'<a href="{escape(address)}"><rect x=".5" y=".5" width="{width - 1}" height="{HEIGHT - 1}" rx="3" '
        f'fill="{paper}" stroke="{light["mark"]}"/><text x="{PADDING}" y="14" '
        f'textLength="{length}" lengthAdjust="spacingAndGlyphs" '
        f'font-size="{SIZE}" fill="{ink}" '
        f'font-family="Arial,Liberation Sans,Helvetica,sans-serif">{said}</text></a></svg>'
    )
