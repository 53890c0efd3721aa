"""Figures → a chart, with words and rows → its layout → SVG, PNG, Vega-Lite. Knows only the model."""
