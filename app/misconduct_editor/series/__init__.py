"""Choose which figures make the series of a release: the table that people get, and every figure that is not in it.

`choose.py` is the way in. The rules are in SQL, in the order of the files' numbers, each in a sentence after
`-- RULE`; what is said in words, also when a figure is for, is made in Python before: `times.py`, `words.py`.
"""
