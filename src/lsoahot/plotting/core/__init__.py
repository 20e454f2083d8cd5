"""The drawing core that all maps and charts share."""
