"""Parts of the generated modules: signatures, annotations, literals and docstrings, all made safe here.

The document is untrusted input: a name is written to a module only as an identifier from names.py or as a
quoted literal, prose only as an escaped docstring.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable

from halo_generator.explanations import purpose
from halo_generator.release_history import ALWAYS
from halo_generator.summaries import FullRecord
from halo_generator.surface import OperationParameter, RecordType, SurfaceField, SurfaceOperation

# Control characters, bidirectional controls, line separators, lone surrogates.
_CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff\ufff9-\ufffb]"
)
_QUOTES = re.compile(r'"{3,}|"+\Z')
_MAX_DOC = 8000
_WIDTH, _ROOM = 104, 3600
"""Characters of a line of names in a docstring, and of all names of one release."""


def literal(value: object) -> str:
    """Return a value as a Python literal."""
    return repr(value)


def docstring(text: str, indent: int) -> str:
    """Return a string as a docstring indented by ``indent`` spaces."""
    clean = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))[:_MAX_DOC].strip()
    lines = [line.rstrip() for line in clean.replace("\\", "\\\\").split("\n")]
    body = _QUOTES.sub(lambda quotes: '\\"' * len(quotes[0]), "\n".join(lines))
    if len(lines) == 1:
        return f'"""{body}"""'
    pad = " " * indent
    first, *rest = body.split("\n")
    inner = "\n".join(f"{pad}{line}" if line else "" for line in rest)
    return f'"""{first}\n{inner}\n{pad}"""'


def record_doc(record: RecordType, uses: str = "") -> str:
    """Return the docstring of a record: the document's own words if wanted, the record's schema, and its uses."""
    schema = f"Halo schema: {record.schema}{_when(record)}."
    lines = [*textwrap.wrap(f"{schema} {uses}".strip(), _WIDTH), *_newcomers(record.fields)]
    return "\n".join([record.doc, "", *lines] if record.doc else lines)


def _when(part: RecordType | SurfaceOperation) -> str:
    """Return in brackets since when there is what a document did not always have, or until when."""
    told = str(part.lifetime)
    return f" ({told})" if told else ""


def field_type(field: SurfaceField) -> str:
    """Return the annotation of a record's field."""
    annotation = field.type.annotation()
    return f"{annotation} | None" if field.nullable and annotation != "Any" else annotation


def field_default(field: SurfaceField) -> str:
    """Return what follows a field's annotation."""
    if field.python_name != field.name:
        return f" = field_named({literal(field.name)})"
    return " = None" if field.nullable else " = absent"


def full_record(full: FullRecord) -> str:
    """Return what the class of a list's rows holds about the whole record, a line for some of the names."""
    lines = textwrap.wrap(" ".join(full.lacks), 96, break_long_words=False, break_on_hyphens=False)
    names = [f"{literal(line + ' ')}\n" for line in lines]
    return f"__halo_full__ = ({literal(full.name)}, {literal(full.read)}, {literal(full.update)}, (\n{''.join(names)}))"


def arguments(operation: SurfaceOperation) -> str:
    """Return the arguments of an operation's decorator: its path and the deviations from the defaults."""
    facts = operation.facts
    given: dict[str, object] = {}
    if operation.kind == "list":
        if facts.get("rows_key"):
            given["rows_key"] = facts["rows_key"]
        if facts.get("unpaged"):
            given["unpaged"] = facts["unpaged"]
        if facts.get("paging"):
            given["paging"] = facts["paging"]
        elif not facts["paged"]:
            given["paged"] = False
        if facts.get("identity"):
            given["identity"] = tuple(map(str, facts["identity"]))
    if operation.kind == "proxy":
        keys = ("cursor", "parameter", "paging_flag", "size", "secondary_parameter", "rows")
        given.update({key: facts[key] for key in keys if key in facts})
    if operation.kind == "call" and operation.method != "POST":
        given["method"] = operation.method
    if operation.kind == "call" and operation.body:
        given["body"] = _body_kind(operation.body.media)
    renamed = {p.python_name: p.name for p in operation.parameters if p.python_name != p.name}
    if renamed:
        given["names"] = renamed
    return ", ".join([literal(operation.path), *(f"{key}={literal(value)}" for key, value in given.items())])


def _body_kind(media: str) -> str:
    """Return the encoding of a body: `json`, `multipart`, or as its type says."""
    if media.startswith("multipart/"):
        return "multipart"
    return "json" if media == "application/json" or ("json" in media and "*" in media) else media


def signature(operation: SurfaceOperation) -> str:
    """Return the parameters of a method: path parameters, then the body, then all others as keywords."""
    parts = ["self", *(f"{p.python_name}: {p.type.annotation()}" for p in operation.positional)]
    if operation.body:
        parts.append(f"{operation.body.python_name}: {body_type(operation)}")
    named = [*map(_keyword, operation.keywords), *_CLIENT_OPTIONS.get(operation.kind, ())]
    return ", ".join([*parts, "*", *named] if named else parts)


_CLIENT_OPTIONS = {
    "list": ['on_incomplete: OnIncomplete = "raise"'],
    "proxy": [
        "rows_path: CursorPath | None = None",
        "next_path: CursorPath | None = None",
        'on_incomplete: OnIncomplete = "raise"',
    ],
}


def page_words(operations: tuple[SurfaceOperation, ...]) -> list[str]:
    """Return the names that the signatures of a resource import from `halo_async.pagination.pages`."""
    kinds = {operation.kind for operation in operations}
    paged = ["OnIncomplete", "Pages"] if kinds & _CLIENT_OPTIONS.keys() else []
    return ["CursorPath", *paged] if "proxy" in kinds else paged


def changes_arguments(operation: SurfaceOperation) -> str:
    """Return the arguments of the decorator of `changed_since`."""
    facts = operation.facts["changes"]
    given = [f"{key}={literal(facts[key])}" for key in ("since", "stamp") if key in facts]
    return ", ".join([operation.method_name, *given])


def changes_signature(operation: SurfaceOperation) -> str:
    """Return the parameters of `changed_since`: the date, and those of the list except the date filter."""
    since = operation.facts["changes"]["since"]
    filters = [_keyword(p) for p in operation.keywords if p.name != since]
    moment = ["self", "when: DateTime", "overlap: TimeDelta = op.OVERLAP"]
    return ", ".join([*moment, "*", *filters, *_CLIENT_OPTIONS["list"]])


def _keyword(parameter: OperationParameter) -> str:
    annotation = parameter.type.annotation()
    if parameter.required:
        return f"{parameter.python_name}: {annotation}"
    optional = annotation if annotation == "Any" else f"{annotation} | None"
    return f"{parameter.python_name}: {optional} = None"


def body_type(operation: SurfaceOperation) -> str:
    """Return the annotation of a body: a record may also be given as a mapping."""
    assert operation.body is not None
    kind = operation.body.type
    if operation.kind == "upsert":
        return f"Iterable[{kind.annotation('models.')} | Mapping[str, Any]]"
    if kind.record:
        return f"{kind.annotation('models.')} | Mapping[str, Any]"
    if kind.container == "list" and kind.item and kind.item.record:
        return f"Iterable[{kind.item.annotation('models.')} | Mapping[str, Any]]"
    return kind.annotation("models.")


def body_words(operation: SurfaceOperation) -> set[str]:
    """Return the names that `body_type` and `result` need to import."""
    said = f"{body_type(operation) if operation.body else ''} {result(operation)}"
    return {word for word in ("Any", "Iterable", "Mapping", "Sequence") if re.search(rf"\b{word}\b", said)}


def result(operation: SurfaceOperation) -> str:
    """Return the annotation of an operation's result."""
    found = operation.result.annotation("models.")
    if operation.kind == "proxy":
        return "Pages[Any]"
    if operation.kind == "list":
        return f"Pages[{found}]"
    if operation.kind == "upsert":
        return f"Sequence[{found}]"
    return f"{found} | None" if operation.kind == "delete" and found != "Any" else found


def operation_doc(operation: SurfaceOperation, resource: str) -> str:
    """Return the docstring of an operation of a resource: method, path, purpose, the document's own words if wanted."""
    lines = [f"{operation.method} {operation.path}: {purpose(operation, resource)}{_when(operation)}."]
    if operation.doc:
        lines += ["", operation.doc]
    told = [f":param {p.python_name}: {_parameter_doc(p)}" for p in operation.parameters if p.doc]
    lines += _newcomers(parameter for parameter in operation.parameters if not parameter.doc)
    return "\n".join([*lines, "", *told] if told else lines)


def _parameter_doc(parameter: OperationParameter) -> str:
    life = str(parameter.lifetime)
    return " ".join([*parameter.doc.split(), *([f"({life})"] if life else [])])


def _newcomers(parts: Iterable[OperationParameter | SurfaceField]) -> list[str]:
    """Return a line for the parameters or fields that came or went with each release."""
    found: dict[str, list[str]] = {}
    for part in parts:
        if part.lifetime != ALWAYS:
            found.setdefault(str(part.lifetime), []).append(part.python_name)
    told = [f"{life[0].upper()}{life[1:]}: {_shorten_names(names)}." for life, names in sorted(found.items())]
    lines = [line for each in told for line in textwrap.wrap(each, _WIDTH, break_long_words=False)]
    return ["", *lines] if told else []


def _shorten_names(names: list[str]) -> str:
    """Return the names, and of thousands as many as a hover text has room for, and how many more there are."""
    shown = textwrap.shorten(", ".join(names), _ROOM, placeholder="").rstrip(",")
    more = len(names) - len(shown.split(", "))
    return f"{shown} and {more:,} more" if more else shown


FILTERS = {
    "literal": literal,
    "docstring": docstring,
    "record_doc": record_doc,
    "field_type": field_type,
    "field_default": field_default,
    "full_record": full_record,
    "arguments": arguments,
    "signature": signature,
    "changes_arguments": changes_arguments,
    "changes_signature": changes_signature,
    "result": result,
    "operation_doc": operation_doc,
}
