"""Where the areas are and who lives there: boundaries and populations, from files or the portals."""
