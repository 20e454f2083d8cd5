"""What all rooms use: checks, labels, codes, police forces, the audit, files whole or not at all."""
