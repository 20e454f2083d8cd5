"""The sheets of the workbook that `workbook` writes."""
