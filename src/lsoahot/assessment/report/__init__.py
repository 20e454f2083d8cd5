"""The Word document that `report` writes.

`report` puts it together, from its `opening` over a section a measure (`chapters`, `categories`,
`extra_tables`) and `trends_and_threats` to its `closing`; `word` is what it is written on. What is reported is
worked out in `findings`, what must not be in `withheld`, both one folder above.
"""
