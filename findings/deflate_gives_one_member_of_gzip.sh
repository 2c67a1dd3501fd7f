#!/usr/bin/env bash
# deflate 0.9.0 (libdeflate for Python): gzip_decompress of a file of several members, which is valid gzip (RFC 1952, 2.2;
# `cat a.gz b.gz`, bgzip and servers that compress block by block make it), returns the first member alone, without an
# error, with the buffer size left out or as large as all members need. Python's gzip.decompress returns all of them.
# Expected: the whole content, or an error that names what was left over.
# Seen: the first member. The size that ends the file is the last member's; where that is smaller than the first, the
# call without a size raises instead.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"${PYTHON:-python3}" -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet deflate==0.9.0
cat >"$scratch/look.py" <<'PY'
import gzip

import deflate


def seen(*arguments):
    try:
        return bytes(deflate.gzip_decompress(*arguments)).decode()
    except Exception as error:
        return type(error).__name__


same = gzip.compress(b"first") + gzip.compress(b"other")
shrinking = gzip.compress(b"the first part") + gzip.compress(b"end")
for members in (same, shrinking):
    whole = gzip.decompress(members).decode()
    print(f"{whole}: {seen(members)}; with a size: {seen(members, len(whole))}")
PY
seen=$("$scratch/venv/bin/python" "$scratch/look.py")
echo "$seen"
[ "$seen" = 'firstother: first; with a size: first
the first partend: DeflateError; with a size: the first part' ]
