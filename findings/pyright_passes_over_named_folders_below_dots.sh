#!/usr/bin/env bash
# pyright 1.1.414: `pyright .work/package` checks nothing where a folder of the named path begins with a dot: it prints "0
# errors, 0 warnings, 0 informations" and ends with exit code 0, though the package has an error of types. The same path
# absolute, and a file that is named: the same. From within .work the package is checked. mypy 2.4.1 finds the error
# each way.
# Expected: what is named on the command line is checked (folders with a dot are left out by default where none is named),
# or an exit code that says that there was nothing to check. A CI that checks packages generated below .nox or .tox
# passes whatever they hold. Only --stats tells: "No source files found."
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"${PYTHON:-python3}" -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet "pyright[nodejs]==1.1.414" mypy==2.4.1
mkdir -p "$scratch/project/.work/package"
cd "$scratch/project"
echo 'size: int = "large"' >.work/package/__init__.py
look() {
    local code=0 said
    said=$("$@" 2>&1) || code=$?
    echo "exit code $code, $(grep -oE '[0-9]+ errors?|Found [0-9]+ error' <<<"$said" | head -n 1)"
}
seen=$(
    echo "pyright, folder: $(look "$scratch/venv/bin/pyright" .work/package)"
    echo "pyright, folder, absolute: $(look "$scratch/venv/bin/pyright" "$PWD/.work/package")"
    echo "pyright, file: $(look "$scratch/venv/bin/pyright" .work/package/__init__.py)"
    echo "mypy, folder: $(look "$scratch/venv/bin/mypy" .work/package)"
    cd .work
    echo "pyright, from within: $(look "$scratch/venv/bin/pyright" package)"
)
echo "$seen"
[ "$seen" = "pyright, folder: exit code 0, 0 errors
pyright, folder, absolute: exit code 0, 0 errors
pyright, file: exit code 0, 0 errors
mypy, folder: exit code 1, Found 1 error
pyright, from within: exit code 1, 1 error" ]
