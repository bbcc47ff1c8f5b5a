"""The database: tables, migrations, and every statement, on SQLite and on PostgreSQL alike."""
