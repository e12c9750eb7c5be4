"""Everything outside: adapters, strangers to one another."""
