"""Errors of the generator, each with a message that tells how to fix it."""

from __future__ import annotations


class GeneratorError(Exception):
    """Base class of all errors that the generator raises on purpose."""


class SourceError(GeneratorError):
    """The document could not be fetched, or is not an OpenAPI document."""


class RepairError(GeneratorError):
    """A place in the document that no rule can repair; the message contains its JSON pointer."""


class OverlayError(GeneratorError):
    """The overlay file is invalid or contradicts the document."""


class OutputError(GeneratorError):
    """The output folder cannot be used."""


class InternalError(GeneratorError):
    """A fault of the generator itself; the message carries the JSON pointer of where it was."""
