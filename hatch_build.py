"""Puts the shipped rules into the wheel a second time, as a table that loads in a few milliseconds.

Reading some thousand rules from TOML and finding the literals of their patterns takes about a second, which
every start of the command line would pay.
"""

from __future__ import annotations

import json
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
        from cleaner.rules import COMPILED, read_shipped, to_table

        table = json.dumps(to_table(read_shipped(root / "rules")), ensure_ascii=False)
        self.table = Path(self.directory) / COMPILED
        self.table.parent.mkdir(parents=True, exist_ok=True)
        self.table.write_text(table, encoding="utf-8")
        build_data["force_include"][str(self.table)] = f"cleaner/_rules/{COMPILED}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if self.table is not None:
            self.table.unlink(missing_ok=True)
