#!/usr/bin/env bash
# msgspec 0.23.0 with attrs 26.1.0: decode and convert make an attrs class without its __init__, so that converters of
# fields do not run, while validators, __attrs_pre_init__ and __attrs_post_init__ do. A validator that was written for
# converted values then judges others: below it refuses a text that the class itself takes, and passes one that the
# class would have made lower case, which stays as it came. cattrs 26.2.1 with prefer_attrib_converters, like the class,
# converts first.
# Expected: both run, in the order of attrs, or neither.
# Seen: as said.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"${PYTHON:-python3}" -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet msgspec==0.23.0 attrs==26.1.0 cattrs==26.2.1
cat >"$scratch/look.py" <<'PY'
import attrs
import cattrs
import msgspec


@attrs.define
class Contact:
    domain: str = attrs.field(converter=str.lower)
    code: str = attrs.field(converter=str.strip, validator=attrs.validators.max_len(3))


def told(make):
    try:
        return make()
    except (msgspec.ValidationError, ValueError) as error:
        return type(error).__name__


reader = cattrs.Converter(prefer_attrib_converters=True)
for values in ({"domain": "ACME.example", "code": "abc"}, {"domain": "acme.example", "code": " abc "}):
    print("class:  ", told(lambda: Contact(**values)))
    print("decode: ", told(lambda: msgspec.json.decode(msgspec.json.encode(values), type=Contact)))
    print("convert:", told(lambda: msgspec.convert(values, Contact)))
    print("cattrs: ", told(lambda: reader.structure(values, Contact)))
PY
seen=$("$scratch/venv/bin/python" "$scratch/look.py")
echo "$seen"
[ "$seen" = "class:   Contact(domain='acme.example', code='abc')
decode:  Contact(domain='ACME.example', code='abc')
convert: Contact(domain='ACME.example', code='abc')
cattrs:  Contact(domain='acme.example', code='abc')
class:   Contact(domain='acme.example', code='abc')
decode:  ValidationError
convert: ValidationError
cattrs:  Contact(domain='acme.example', code='abc')" ]
