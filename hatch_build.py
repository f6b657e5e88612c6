"""Puts the shipped rules into the wheel a second time, packed so that they load in a few milliseconds.

Reading some thousand rules from TOML and finding the literals of their patterns takes about a second, which
every start of the command line would pay.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompiledRules(BuildHookInterface):
    """The hook: makes the table before a wheel is built, and takes it away behind it."""

    table: Path | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel" or version == "editable":
            return
        root = Path(self.root)
        sys.path.insert(0, str(root))
        from cleaner.index import Index
        from cleaner.rules import COMPILED, RuleSet, packed, read_shipped

        reader = read_shipped(root / "rules")
        rules = RuleSet(reader.rules.values())
        self.table = Path(self.directory) / COMPILED
        self.table.parent.mkdir(parents=True, exist_ok=True)
        self.table.write_bytes(packed(reader.lists, rules, Index.of(rules.general).packed()))
        build_data["force_include"][str(self.table)] = f"cleaner/_rules/{COMPILED}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if self.table is not None:
            self.table.unlink(missing_ok=True)
