"""What area codes tell: their edition, their force, their successors, who reported."""
