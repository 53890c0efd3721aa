"""Compare a text with the register, one number after the other.

A sentence, or a row of a table, goes through these files. In brackets is what each hands on.

- `sent`: what was sent, HTML, Markdown or rows of values, becomes the text that people read [Sent].
- `text`: its sentences, years, places, and words that stand for codes [Text]. `times` and `tokens` read years and
  numbers, `words` the words of `model/words.csv`, and `known` has what a release calls things.
- `number`: each number with its hedge, its clause, its nouns and its year [Number].
- `match`: which figures it may be: those of its place and year, or else one whose words and number fit [Match].
- `compare`: two tables, of what is read of each field and of what differs [Comparison]. Their functions are in
  `manner`, `subject` and `source`; `stages` reads what became of those who are counted, `statistic` whether it is a
  change, an average or a rate, and `governs` what denies or supposes a number.
- `find`: the likeliest figures of each number, or those that it may be a slip for [Checked].
- `together`: what two or three numbers say of each other.
- `steps`: does all this in a process of its own. It returns the numbers and their figures [Findings].

“In 2024/25, 426 officers were suspended in England and Wales”: 426 has the year 2024/25 and the noun “officers”. Of the
figures that are 426, one counts officers who were dismissed there in that year, so it matches although its stage is
another. The sentence has “suspended” for `measure`, the source “dismissed”, and these differ: `other_measure`.
"""
