"""What can go wrong, each with a sentence that names the fix."""

from __future__ import annotations


class GeneratorError(Exception):
    """Base of everything that the generator raises on purpose."""


class SourceError(GeneratorError):
    """The document could not be fetched, or is not an OpenAPI document."""


class RepairError(GeneratorError):
    """A place in the document that no rule can mend; the message carries its JSON pointer."""


class OverlayError(GeneratorError):
    """The overlay file is wrong or contradicts the document."""


class OutputError(GeneratorError):
    """The folder to write into cannot be used."""


class InternalError(GeneratorError):
    """A fault of the generator itself; the message carries the JSON pointer of where it was."""
