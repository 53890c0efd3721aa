"""Print how large each package is: `make lint` shows it, and nothing fails by it."""

import ast
import re
from collections.abc import Iterator

from bench.servers import ROOT

PARTS = {
    "service": "app/misconduct",
    "desk": "app/misconduct_editor",
    "tests": "tests",
    "bench": "bench",
}
LARGE = 300  # syntax nodes of a function
SHOWN = 10  # of the largest functions
STATEMENT = r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE|ALTER|DROP|WITH|FROM|WHERE|JOIN)\s"
SQL, TAG = re.compile(STATEMENT), re.compile(r"{%|{{")


def count(node: ast.AST) -> int:
    """Return the syntax nodes of a file or function."""
    return sum(1 for _ in ast.walk(node))


def count_sql(node: ast.AST) -> int:
    """Return the words of texts that are SQL."""
    texts = (one.value for one in ast.walk(node) if isinstance(one, ast.Constant))
    statements = (text for text in texts if isinstance(text, str) and SQL.search(text))
    return sum(len(text.split()) for text in statements)


def find_large(name: str, tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the functions of a file that are too large."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            size = count(node)
            if size > LARGE:
                yield size, f"{name}: {node.name}"


def main() -> None:
    print("          syntax nodes  functions > 300  words of SQL  template tags")
    found = list[tuple[int, str]]()
    for name, folder in PARTS.items():
        nodes = sql = 0
        large = list[tuple[int, str]]()
        for path in sorted((ROOT / folder).rglob("*.py")):
            tree = ast.parse(path.read_text("utf-8"))
            nodes, sql = nodes + count(tree), sql + count_sql(tree)
            large += find_large(str(path.relative_to(ROOT)), tree)
        pages = (ROOT / folder).rglob("*.html")
        tags = sum(len(TAG.findall(page.read_text("utf-8"))) for page in pages)
        print(f"{name:9} {nodes:12,} {len(large):16,} {sql:13,} {tags:14,}")
        found += large
    for size, name in sorted(found, reverse=True)[:SHOWN]:
        print(f"  {size} {name}")


if __name__ == "__main__":
    main()
