"""briefbot: a briefing bot that answers from curated facts and nothing else."""
