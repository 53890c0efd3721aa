"""Runs a notebook without Jupyter: the cells one after the other, with what each shows.

`python -m tests.clients.notebook http://localhost:8000` runs examples/tables.ipynb and writes its outputs anew.
"""

from __future__ import annotations

import ast
import base64
import contextlib
import io
import json
import sys
from pathlib import Path
from typing import Any

import altair
import vl_convert

NOTEBOOK = Path(__file__).parents[2] / "examples" / "tables.ipynb"
PLACE = "http://localhost:8000"


def run_cells(notebook: dict[str, Any], address: str) -> list[list[dict[str, Any]]]:
    """The outputs of each cell of code. The service at `address` is asked, and named as in the examples."""
    names: dict[str, Any] = {}
    service = sys.modules.pop("misconduct", None)  # has the name of the file beside the notebook
    sys.path.insert(0, str(NOTEBOOK.parent))
    try:
        import misconduct

        misconduct.REGISTER = address
        cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
        return [list(run_cell(cell, names, address)) for cell in cells]
    finally:
        sys.path.remove(str(NOTEBOOK.parent))
        sys.modules.pop("misconduct", None)
        if service:
            sys.modules["misconduct"] = service


def run_cell(source: str, names: dict[str, Any], address: str) -> Any:
    tree, shown, printed = ast.parse(source), None, io.StringIO()
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, "cell", "exec"), names)
        if last is not None:
            shown = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
    if printed.getvalue():
        text = printed.getvalue().replace(address, PLACE)
        yield {"output_type": "stream", "name": "stdout", "text": text.splitlines(keepends=True)}
    if shown is not None:
        yield {"output_type": "execute_result", "metadata": {}, "data": show(shown)}


def show(value: Any) -> dict[str, Any]:
    if isinstance(value, altair.Chart):
        picture = vl_convert.vegalite_to_png(value.to_json(), scale=2)
        return {"image/png": base64.b64encode(picture).decode(), "text/plain": ["A line for each category."]}
    return {
        "text/html": value.to_html().splitlines(keepends=True),
        "text/plain": value.to_string().splitlines(keepends=True),
    }


if __name__ == "__main__":
    document = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    outputs = run_cells(document, sys.argv[1])
    shown_by = (cell for cell in document["cells"] if cell["cell_type"] == "code")
    for number, (cell, output) in enumerate(zip(shown_by, outputs, strict=True), start=1):
        results = (
            one | {"execution_count": number} if one["output_type"] == "execute_result" else one for one in output
        )
        cell |= {"execution_count": number, "outputs": list(results)}
    NOTEBOOK.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
