"""A small register without mistakes, for tests: two invented documents, five figures, a record of most kinds.

    write_register(folder)                                          the register as it is
    write_register(folder, k7m3q={"value": "1132"})                 a figure's cells changed; a new id adds a figure
    write_register(folder, {"caveats.yaml": "- id: x\n"})           a file replaced; None leaves it out

All places are those of the words in `DOCUMENTS`.
"""

import csv
import io
from hashlib import sha256

from misconduct_editor.releases.make import prepare_release, publish

REPORT, NEWS = "force-report-2022", "news-2023-report"
DOCUMENTS = {
    REPORT: "In 2022, 1,131 officers were accused of sexual misconduct. "
    "About 7 per cent of the accusations were upheld; 12 years ago, none.",
    NEWS: "Nearly 1,000 officers were accused in the last 10 years. Hundreds of them face removal. "
    "The force's report names 1,131.",
}


def place(source, words):
    """Return the place of words in a document."""
    start = DOCUMENTS[source].index(words)
    return f"char={start},{start + len(words)}"


def figure(source, printed, **cells):
    """Return the cells of a figure, with the places of its words."""
    words = {
        "at": printed,
        "hedge_at": cells.get("hedge"),
        "period_at": cells.get("period_printed"),
    }
    places = {name: place(source, one) for name, one in words.items() if one}
    stated_by = "the_force" if source == REPORT else "the_news"
    places |= {"counted": "officers", "counted_at": place(source, "officers")}
    return {
        "source": source,
        **COMMON,
        "printed": printed,
        "stated_by": stated_by,
        **places,
        **cells,
    }


COMMON = {
    "measure": "alleged",
    "category": "sexual",
    "area": "E23000001",
    "population": "officers",
}
COMMON |= {
    "counting_unit": "people",
    "value": "",
    "unit": "count",
    "statistic": "count",
    "qualifier": "exact",
}
COUNTED_AT = f"{place(REPORT, 'officers')} {place(REPORT, 'sexual misconduct')}"
PERCENT = {
    "unit": "percent",
    "statistic": "share",
    "measure": "proven",
    "counting_unit": "allegations",
}
FIGURES = {
    "k7m3q": figure(
        REPORT,
        "1,131",
        value="1131",
        period="2022",
        period_printed="2022",
        caveats="not_a_finding",
    )
    | {"counted": "officers … sexual misconduct", "counted_at": COUNTED_AT},
    "gb7nr": figure(
        REPORT,
        "7 per cent",
        value="7",
        qualifier="about",
        hedge="About",
        denominator="k7m3q",
        **PERCENT,
    ),
    "hnmzc": figure(
        NEWS,
        "1,000",
        value="1000",
        qualifier="just_under",
        hedge="Nearly",
        period="P10Y",
    )
    | {
        "period_printed": "the last 10 years",
        "period_at": place(NEWS, "the last 10 years"),
    },
    "w2rmd": figure(
        NEWS,
        "Hundreds",
        value_absent="magnitude_only",
        qualifier="magnitude",
        part_of="hnmzc",
    ),
    "bbdjq": figure(NEWS, "1,131", value="1131", repeats="k7m3q", origin=REPORT),
}

CODES = {  # a code below another one after a slash
    "area": "E23000001",
    "category": "any any/sexual sexual/sexual_assault",
    "counting_unit": "people allegations",
    "disagreement_reason": "period",
    "measure": "alleged proven",
    "not_statistic_reason": "duration",
    "population": "officers",
    "stage": "said found",
    "qualifier": "exact about just_under less_than at_most more_than at_least between magnitude",
    "stated_by": "the_force the_news",
    "statistic": "count share change",
    "unit": "count percent proportion",
    "value_absent": "magnitude_only range_only not_stated",
}
WORDS = {"alleged": "accused | complaint", "proven": "upheld"}
STAGES = {"alleged": "said", "proven": "found"}

FILES = {
    "caveats.yaml": "- id: not_a_finding\n  text: An accusation is not a finding.\n  routine: true\n",
    "charts.yaml": "- id: how-many\n  title: How many?\n  dataset: allegations\n  ids: [k7m3q, hnmzc]\n",
    "datasets.yaml": "- id: allegations\n  title: Allegations\n  description: How many were accused.\n"
    "  conditions:\n  - measure: [alleged, proven]\n",
    "disagreements.yaml": "- id: how-many\n  title: 1,000 or 1,131?\n  question: How many were accused?\n"
    "  members: [k7m3q, hnmzc]\n  reasons: [period]\n  explanation: They are for different years.\n",
    "unpublished.yaml": "- id: dismissed\n  kind: unanswered\n  question: How many were dismissed?\n"
    f"  explanation: Neither document says.\n  measure: [proven]\n  searched: [{REPORT}]\n",
    f"not-statistics/{REPORT}.csv": f'printed,at,reason,note\n12 years,"{place(REPORT, "12 years")}",duration,\n',
}


def write_register(folder, files=None, **figures):
    """Write the register, with changes, into a folder, and return the folder."""
    rows = FIGURES | {
        one: {**FIGURES.get(one, {}), **cells} for one, cells in figures.items()
    }
    texts = FILES | {
        f"codelists/{name}.csv": _codes(codes) for name, codes in CODES.items()
    }
    for source, document in DOCUMENTS.items():
        texts[f"sources/{source}.yaml"] = (
            f"id: {source}\ntitle: In the year 2022\npublisher: Example\npublished: 2023-01\nurl: https://example.org/\n"
            f"media_type: text/plain\nlicence: CC0-1.0\nheld: true\nlength: {len(document)}\n"
            f"sha256: {sha256(document.encode()).hexdigest()}\nretrieved: 2023\n"
        )
        texts[f"observations/{source}.csv"] = _figures(
            {one: row for one, row in rows.items() if row["source"] == source}
        )
    for name, text in (texts | (files or {})).items():
        if text is not None:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
    return folder


INDICATORS = """\
id,name,definition,ask,position,topic,measure,category,counting_unit,stock_or_flow,population,together,why,words
accused,Officers accused,Who was accused.,How many?,1,allegations,alleged,any | *,people,flow,officers,country,Why.,a
upheld,Upheld,What was upheld.,How many?,2,allegations,proven,any | *,allegations,flow,officers,country,Why.,u
"""
COUNTED = {"indicator": "accused", "stock_or_flow": "flow"}


def write_counted(folder, files=None, **figures):
    """Write the register with an indicator for each figure, so that its release has a table."""
    cells = {identity: COUNTED | figures.get(identity, {}) for identity in FIGURES}
    share = {"indicator": "upheld", "base": "accusations", "stock_or_flow": ""}
    cells["gb7nr"] |= share
    flow = "code,label,definition,broader,words\nflow,Flow,In a time.,,\n"
    lists = {"indicators.csv": INDICATORS, "codelists/stock_or_flow.csv": flow}
    return write_register(folder, lists | (files or {}), **cells)


def make_release(data, summary, day, number=None):
    """Write and list the next release, as the command does."""
    return publish(data, prepare_release(data, summary, day, number).release)


def clutter(folder):
    """Leave in every folder what computers leave there: of a Mac, of a network drive, and of Emacs."""
    for place in (
        folder,
        *(path for path in sorted(folder.rglob("*")) if path.is_dir()),
    ):
        (place / "@eaDir").mkdir()
        for name in (".DS_Store", "._x.csv", "._x.yaml", "._1.0.0.zip", "@eaDir/x.csv"):
            (place / name).write_bytes(b"\0\5\x16\7\xff\xb0 Mac OS X")
        for name in (".#x.csv", ".#x.yaml"):
            (place / name).symlink_to("editor@laptop.1234:1700000000")


def _codes(codes):
    rows = [
        (code, broader, WORDS.get(code, ""))
        for broader, _, code in (one.rpartition("/") for one in codes.split())
    ]
    is_of_measures = STAGES.keys() == {code for code, *_ in rows}
    more = (
        {code: f",{stage},true" for code, stage in STAGES.items()}
        if is_of_measures
        else {}
    )
    return (
        f"code,label,definition,broader,words{',stage,alleges' if more else ''}\n"
        + "".join(
            f"{code},{code.capitalize()},It means {code}.,{broader},{words}{more.get(code, '')}\n"
            for code, broader, words in rows
        )
    )


def _figures(rows):
    columns = dict.fromkeys(
        ["id", *(name for row in rows.values() for name in row if name != "source")]
    )
    table = csv.DictWriter(
        text := io.StringIO(), columns, extrasaction="ignore", lineterminator="\n"
    )
    table.writeheader()
    table.writerows({"id": identity, **row} for identity, row in rows.items())
    return text.getvalue()
