"""The state in a database: the only room that knows SQL. SQLite by default, PostgreSQL by URL."""
