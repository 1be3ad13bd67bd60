"""What a run found, committed before anybody sees it: SQLite, one transaction a field."""
