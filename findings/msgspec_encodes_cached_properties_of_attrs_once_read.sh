#!/usr/bin/env bash
# msgspec 0.23.0 with attrs 26.1.0: of an object of a slotted attrs class, json.encode, msgpack.encode and to_builtins
# give a functools.cached_property too, once it has been read: what one object is encoded to depends on who looked at it
# before, and its own class with forbid_unknown_fields, or a peer that does so, refuses it. A dataclass with such a
# property is encoded by its fields, before and after. attrs.asdict and cattrs 26.2.1 give the fields.
# Expected: the fields of the class, as the schema that msgspec makes of it says.
# Seen: as said; the schema never has the property.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"${PYTHON:-python3}" -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet msgspec==0.23.0 attrs==26.1.0 cattrs==26.2.1
cat >"$scratch/look.py" <<'PY'
from __future__ import annotations

import dataclasses
from functools import cached_property

import attrs
import cattrs
import msgspec


@attrs.frozen
class Slotted:
    hours: int

    @cached_property
    def minutes(self) -> int:
        return self.hours * 60


@dataclasses.dataclass
class Plain:
    hours: int

    @cached_property
    def minutes(self) -> int:
        return self.hours * 60


def forms(value):
    return [
        msgspec.json.encode(value).decode(),
        msgspec.msgpack.decode(msgspec.msgpack.encode(value)),
        msgspec.to_builtins(value),
    ]


for kind in (Slotted, Plain):
    value = kind(2)
    print(kind.__name__, "before:", *forms(value))
    assert value.minutes == 120
    print(kind.__name__, "after: ", *forms(value))
    print(kind.__name__, "schema:", *msgspec.json.schema(kind)["$defs"][kind.__name__]["properties"])
value = Slotted(2)
assert value.minutes == 120
print("attrs.asdict:", attrs.asdict(value), "cattrs:", cattrs.unstructure(value))
PY
seen=$("$scratch/venv/bin/python" "$scratch/look.py")
echo "$seen"
[ "$seen" = "Slotted before: {\"hours\":2} {'hours': 2} {'hours': 2}
Slotted after:  {\"hours\":2,\"minutes\":120} {'hours': 2, 'minutes': 120} {'hours': 2, 'minutes': 120}
Slotted schema: hours
Plain before: {\"hours\":2} {'hours': 2} {'hours': 2}
Plain after:  {\"hours\":2} {'hours': 2} {'hours': 2}
Plain schema: hours
attrs.asdict: {'hours': 2} cattrs: {'hours': 2}" ]
