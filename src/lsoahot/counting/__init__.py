"""How many, how often for its size, and what must be withheld: records and tables to areas."""
