#!/usr/bin/env bash
# CPython 3.11.7, 3.12.1, 3.13.0: the first import of a module where its bytecode does not fit (a full disk, or a limit of
# files) works, and leaves the part that fitted under the final name in __pycache__. The write is told to be short, and
# nobody looks. Each later import takes that part for the whole: EOFError, in every process, also when there is room again,
# until somebody deletes the file.
# Expected: no file, as where the write fails at once; or a file that is not believed, and compiled again.
# Seen: "first: imported", then "later: EOFError" on all three.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
unset PYTHONDONTWRITEBYTECODE PYTHONPYCACHEPREFIX
cd "$scratch"
for number in $(seq 200); do
    printf 'def function_%s(value):\n    return value + %s\n' "$number" "$number"
done >large.py
seen=$(
    "${PYTHON:-python3}" -c '
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))
import large
print("first: imported")'
    "${PYTHON:-python3}" -c '
try:
    import large
    print("later: imported")
except EOFError:
    print("later: EOFError")'
)
"${PYTHON:-python3}" --version
echo "$seen"
[ "$seen" = "first: imported
later: EOFError" ]
