"""Write the README of a release: one page for a reader who has only its folder."""

from collections.abc import Mapping

from misconduct.releases import folder as files
from misconduct.releases.folder import Release

TEXT = """# Misconduct Register {release.number}

{release.summary}

Published statistics on police misconduct, each as its document prints it. {release.day}; it never changes.

## Files

{files}
Begin with `{files_module.TABLE}`. `id` is the figure, in each file. Rows with `default` 1 are shown first.
An empty `value` is not zero: `shown` says why. `{files_module.RECORDS}` is for the program of the register.
Addresses that begin with `/` are of the service that you have the files from.

```python
import pandas
table = pandas.read_csv("table.csv", low_memory=False)
table[(table.indicator == "complaints") & (table.default == 1)].pivot_table("value", "year", "area")
```

```r
table <- read.csv("table.csv", na.strings = "")
rows <- subset(table, indicator == "complaints" & default == 1)
reshape(rows[c("area", "year", "value")], idvar = "year", timevar = "area", direction = "wide")
```

## Licence, citation, checksums

[CC BY 4.0](https://creativecommons.org/licenses/by/4.0/). `{files_module.SOURCES}` has those of documents.
{release.citation}
Of a table that you made, name the file, its SHA-256 and your filter.

`sha256sum --check --strict SHA256SUMS` verifies the files. The SHA-256 of `SHA256SUMS` is the digest of the release;
`{files_module.PACKAGE}` describes each column, and names the digest of the release before.
"""


def write_readme(release: Release, about: Mapping[str, str]) -> bytes:
    """Return the page. `about` says what each file is."""
    lines = ["| file | what it has |", "|---|---|"]
    lines += [f"| `{name}` | {text} |" for name, text in about.items()]
    said = "".join(f"{line}\n" for line in lines)
    text = TEXT.format(release=release, files=said, files_module=files)
    return text.encode()
