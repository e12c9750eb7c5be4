"""Subscriptions, what is due, editions, corrections and the rules of the ledger. Time is an argument."""
