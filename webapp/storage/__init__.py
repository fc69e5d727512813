"""What Inkling keeps: database, tables, audit log, data folder and its first start."""
