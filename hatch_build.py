"""The readme of the distribution: README.md with links that work outside the repository."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_IMAGE = re.compile(r"^!\[[^\]]*\]\((?!https?:)([^)]+)\)\n\n?", re.MULTILINE)
_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((?!https?:|#)([^)]+)\)")


class ReadmeHook(MetadataHookInterface):
    """Give relative links and pictures the address under which the repository shows its files.

    Without an address a link becomes its text, and a picture the text that stands beside its file: an index shows no
    file of the repository.
    """

    def update(self, metadata: dict[str, Any]) -> None:
        """Set the readme."""
        text = (Path(self.root) / "README.md").read_text("utf-8")
        address = str(self.config.get("files-at", "")).rstrip("/")
        if address:
            text = re.sub(r"(!?\[[^\]]*\])\((?!https?:|#)([^)]+)\)", rf"\1({address}/\2)", text)
        else:
            text = _LINK.sub(r"\1", _IMAGE.sub(self._as_text, text))
        metadata["readme"] = {"content-type": "text/markdown", "text": text}

    def _as_text(self, picture: re.Match[str]) -> str:
        beside = (Path(self.root) / picture[1]).with_suffix(".txt")
        return f"```text\n{beside.read_text('utf-8')}```\n\n"
