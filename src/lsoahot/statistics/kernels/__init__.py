"""The arithmetic behind the tests: the exact null, links, ratios, corrections."""
