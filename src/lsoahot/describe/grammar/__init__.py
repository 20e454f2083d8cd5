"""The grammar of the sentences: numbers, nouns, lists, and the clauses made of them.

Nothing here looks at data beyond the row it is given, and no word of change is written that the
row's verdict does not bear. The public functions are in `sentences`, `standings` and `findings`.
"""
