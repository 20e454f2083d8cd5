"""From a partner's file to records: archives, formats, headers, dates, shapes of table."""
