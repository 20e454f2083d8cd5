"""The Word document that `report` writes.

`compose` puts it together, chapter by chapter; `paper` is what it is written on (headings, captions,
references, tables, pictures), over `fields` and `styles`; `findings` works out what is told, and
`protection` what must not be.
"""
