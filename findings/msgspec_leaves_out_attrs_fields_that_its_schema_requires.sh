#!/usr/bin/env bash
# msgspec 0.23.0 with attrs 26.1.0: a field of an attrs class whose name begins with an underscore is left out by
# json.encode, msgpack.encode and to_builtins without a word, though decode and the schema of the same class require it:
# what was encoded cannot be decoded. A dataclass, and a Struct, keep the field both ways.
# Expected: one opinion on which fields a class has.
# Seen: as said.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"${PYTHON:-python3}" -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet msgspec==0.23.0 attrs==26.1.0
cat >"$scratch/look.py" <<'PY'
import dataclasses

import attrs
import msgspec


@attrs.define
class Attrs:
    id: int
    _novalidate: bool


@dataclasses.dataclass
class Dataclass:
    id: int
    _novalidate: bool


class Struct(msgspec.Struct):
    id: int
    _novalidate: bool


for kind in (Attrs, Dataclass, Struct):
    body = msgspec.json.encode(kind(1, True))
    try:
        back = repr(msgspec.json.decode(body, type=kind))
    except msgspec.ValidationError as error:
        back = f"ValidationError: {error}"
    required = msgspec.json.schema(kind)["$defs"][kind.__name__]["required"]
    print(kind.__name__, body.decode(), required, back)
PY
seen=$("$scratch/venv/bin/python" "$scratch/look.py")
echo "$seen"
[ "$seen" = "Attrs {\"id\":1} ['id', '_novalidate'] ValidationError: Object missing required field \`_novalidate\`
Dataclass {\"id\":1,\"_novalidate\":true} ['id', '_novalidate'] Dataclass(id=1, _novalidate=True)
Struct {\"id\":1,\"_novalidate\":true} ['id', '_novalidate'] Struct(id=1, _novalidate=True)" ]
