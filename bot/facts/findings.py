"""What is wrong with the facts, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.errors import BriefbotError


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One fault in a seed file.

    `line` counts from 1 (0: the whole file). `rule` is a short stable name, for scripts.
    """

    file: str
    line: int
    rule: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}  {self.problem} {self.remedy}".rstrip()

    def as_json(self) -> dict[str, str | int]:
        """The finding as an object for `--json`."""
        return {
            "file": self.file,
            "line": self.line,
            "rule": self.rule,
            "problem": self.problem,
            "remedy": self.remedy,
        }


class SeedsError(BriefbotError):
    """The facts cannot be used as they are; `findings` holds every reason."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        first = f" First: {findings[0]}" if findings else ""
        super().__init__(
            f"The facts have {len(findings)} finding(s); nothing was loaded.{first} "
            "Run `briefbot facts check` for the whole list."
        )
