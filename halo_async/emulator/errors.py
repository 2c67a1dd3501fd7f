"""Error bodies of an instance. Every shape here was measured on live instances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from halo_async.emulator.reply import Reply, json_reply


class Refused(Exception):
    """Raised inside a handler to stop with a ready response."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


def model_state(errors: Mapping[str, Sequence[str]]) -> Reply:
    """Return the model binder's 400: field -> messages; in an array the field begins with ``[index].``."""
    return json_reply({name: list(messages) for name, messages in errors.items()}, 400)


def not_valid(value: object) -> str:
    """Return the model binder's sentence for a value of the wrong type."""
    return f"The value '{value}' is not valid."


def sentence(message: str) -> Reply:
    """Return the 400 of a business rule as a bare JSON string."""
    return json_reply(message, 400)


def system_exception(message: str) -> Reply:
    """Return the 400 of a business rule as a serialised exception."""
    return json_reply(
        {
            "ClassName": "System.Exception",
            "Message": message,
            "Data": None,
            "InnerException": None,
            "HelpURL": None,
            "StackTraceString": None,
            "RemoteStackTraceString": None,
            "RemoteStackIndex": 0,
            "ExceptionMethod": None,
            "HResult": -2146233088,
            "Source": None,
            "WatsonBuckets": None,
        },
        400,
    )
