"""The page that `lsoahot.dashboard` fills: its figures, their packing, and the files it is made of.

`figures` lays out what the page shows, `packing` makes it compact, `html` puts it into
one file with the page's own HTML, CSS and scripts. README.md beside this lists them all.
"""
