"""The front desk: the use cases that every adapter calls, and the one command grammar."""

from bot.desk.asking import Asking, Reply
from bot.desk.desk import COMMANDS, SUBJECT_LASTS, Desk

__all__ = ["COMMANDS", "SUBJECT_LASTS", "Asking", "Desk", "Reply"]
