"""Compare a text with the register, one number after the other.

A sentence goes through these files. In brackets is what each hands on.

- `sent`: what was sent, HTML or Markdown, becomes the text that people read [Sent].
- `text`: its sentences, years, places, and words that stand for codes [Text]. `times` and `tokens` read years and
  numbers, `words` the words of `model/words.csv`, and `known` has what a release calls things.
- `number`: each number with its hedge, its clause, its nouns and its year [Number].
- `match`: which figures it may be, by the words, `places` and years around it [Match]. `stages` reads what became of
  those who are counted, `statistic` whether it is a change, an average or a rate.
- `fields`: what the sentence and the source say of each field, and what differs [Comparison]. A field has one reader,
  in `fields_of_number`, `fields_of_subject` or `fields_of_source`. `governs` finds what denies or supposes a number.
- `compare`: the likeliest figures of each number, or those that it may be a slip for [Checked].
- `together`: what two numbers say of each other; `held`: what is held for a number that no figure has.
- `steps`: does all this in a process of its own. It returns the numbers and their figures [Findings].

“In 2024/25, 426 officers were suspended in England and Wales”: 426 has the year 2024/25 and the noun “officers”. Of the
figures that are 426, one counts officers who were dismissed there in that year, so it matches although its stage is
another. Its reader of `measure` finds “suspended”, the source has “dismissed”, and these differ: `other_measure`.
"""
