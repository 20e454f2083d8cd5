"""Reading a draft: its paragraphs, the subjects it names, the claims it makes, and what is true."""
