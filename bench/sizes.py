"""Print how large each package is: `python -m bench.sizes`. `make lint` shows it; nothing fails by it."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from bench.servers import ROOT

PARTS = {
    "service": "app/misconduct",
    "desk": "app/misconduct_editor",
    "tests": "tests",
    "bench": "bench",
}
LARGE = 300  # syntax nodes of a function
SHOWN = 10  # of the largest functions

Function = tuple[int, str]  # its nodes, and where it is
SQL = re.compile(
    r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE|ALTER|DROP|WITH|FROM|WHERE|JOIN)\s"
)
TAG = re.compile(r"{%|{{")
COMPILING = {"compile", "match", "fullmatch", "search", "findall", "finditer", "split"}
COMPILING |= {"sub", "subn"}


def list_texts(tree: ast.AST) -> Iterator[str]:
    """Return the texts of a file; of one with fields, what stands between them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def list_patterns(tree: ast.AST) -> Iterator[str]:
    """Return the regular expressions that a file gives to `re`, as far as they are written out there."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="re"), attr=name), args=[first, *_]
            ) if name in COMPILING:
                yield "".join(list_texts(first))


def measure(path: Path) -> tuple[Counter[str], list[Function]]:
    """Return the sizes of a file, and its functions that are too large."""
    tree = ast.parse(path.read_text("utf-8"))
    large = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            size = sum(1 for _ in ast.walk(node))
            if size > LARGE:
                large.append((size, f"{path.relative_to(ROOT)}: {node.name}"))
    statements = [text for text in list_texts(tree) if SQL.search(text)]
    sizes = {
        "nodes": sum(1 for _ in ast.walk(tree)),
        "large": len(large),
        "sql": sum(len(text.split()) for text in statements),
        "patterns": sum(map(len, list_patterns(tree))),
    }
    return Counter(sizes), large


def main() -> None:
    print(
        "          syntax nodes  functions > 300  words of SQL  template tags  patterns"
    )
    all_large = list[Function]()
    for name, folder in PARTS.items():
        sizes, tags = Counter[str](), 0
        for path in sorted((ROOT / folder).rglob("*.py")):
            found, large = measure(path)
            sizes += found
            all_large += large
        for path in (ROOT / folder).rglob("*.html"):
            tags += len(TAG.findall(path.read_text("utf-8")))
        print(
            f"{name:9} {sizes['nodes']:12,} {sizes['large']:16,} {sizes['sql']:13,} {tags:14,} {sizes['patterns']:9,}"
        )
    for size, name in sorted(all_large, reverse=True)[:SHOWN]:
        print(f"  {size} {name}")


if __name__ == "__main__":
    main()
