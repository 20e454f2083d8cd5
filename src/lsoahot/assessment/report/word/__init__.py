"""The Word document: paper, styles, fields, tables; nothing here knows what an assessment is."""
