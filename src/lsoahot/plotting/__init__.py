"""Maps and charts, and finished pages of them."""
