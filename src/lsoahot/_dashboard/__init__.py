"""The page that `lsoahot.dashboard` fills: its figures, their packing, and the files it is made of.

`figures` works out what the page shows, `packing` makes it compact, `page` puts it into one file.
`page.html`, `page.css`, `data.js`, `charts.js` and `page.js` are the page; `vega.js` draws the charts.
"""
