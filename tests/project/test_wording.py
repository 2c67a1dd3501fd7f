"""The house's words, in docstrings, messages, help and comments, and in the headings and prose of the docs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.wording import slips_of_messages, slips_of_page, slips_of_python

ROOT = Path(__file__).resolve().parents[2]
GENERATED = (ROOT / "halo_async" / "api", ROOT / "halo_async" / "models")
MODULES = [
    path
    for folder in ("halo_async", "generator/halo_generator")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if not any(path.is_relative_to(generated) for generated in GENERATED)
]
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "SECURITY.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]

KEPT_ANSWERS = {
    "answers_429": "a field of an export's report: scripts and saved reports have this key",
    "`answer retyped` before": "the changelog tells an old name by itself",
    "answer_regex": "Halo's own field of a security question, as the next two are",
    "max_answer_length": "",
    "min_answer_length": "",
}
"""Where the word stays, each with its reason; what instances send is called a response everywhere else."""
ABOUT_THE_WORD = (Path(__file__), ROOT / "tests" / "support" / "wording.py")
SOURCES = [
    *MODULES,
    *PAGES,
    ROOT / "CHANGELOG.md",
    ROOT / "noxfile.py",
    ROOT / "spec" / "overlay.toml",
    *(
        path
        for folder in ("tests", "benchmarks", "examples")
        for kind in ("py", "pyi", "toml")
        for path in sorted((ROOT / folder).rglob(f"*.{kind}"))
        if path not in ABOUT_THE_WORD
    ),
]


def _relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", [*MODULES, *PAGES], ids=_relative)
def test_no_banned_form_is_used(path: Path) -> None:
    slips = slips_of_python(path) if path.suffix == ".py" else slips_of_page(path)
    shown = "\n".join(f"{_relative(path)}:{slip.line}: {slip.form}: {slip.text}" for slip in slips)
    assert not slips, shown


def test_no_name_and_no_file_calls_a_response_an_answer() -> None:
    kept = re.compile("|".join(map(re.escape, KEPT_ANSWERS)))
    found = [_relative(path) for path in SOURCES if "answer" in path.name.lower()]
    for path in SOURCES:
        text = path.read_text("utf-8")
        for number, line in enumerate(text.splitlines(), 1) if "answer" in text.lower() else ():
            if "answer" in kept.sub("", line).lower():
                found.append(f"{_relative(path)}:{number}: {line.strip()}")
    assert found == []


@pytest.mark.parametrize("kept", KEPT_ANSWERS)
def test_each_place_that_keeps_the_word_exists(kept: str) -> None:
    assert any(kept in path.read_text("utf-8") for path in SOURCES)


@pytest.mark.parametrize("path", MODULES, ids=_relative)
def test_the_message_of_an_error_is_what_is_wrong_and_then_what_to_do(path: Path) -> None:
    slips = slips_of_messages(path)
    shown = "\n".join(f"{_relative(path)}:{slip.line}: {slip.form}: {slip.text}" for slip in slips)
    assert not slips, shown


@pytest.mark.parametrize(
    "text",
    [
        'raise SettingsError("the instance is empty.")',
        'raise SettingsError("The instance is empty")',
        'raise SettingsError(f"{1} is in use: name another folder.")',
        'raise SettingsError("The journal is damaged; restore it.")',
        'raise errors.ApiError(f"{1} {2}: {3}: The host: It is down.")',
        'failed = IncompleteError("rows were deleted.")',
    ],
)
def test_a_message_that_is_not_a_sentence_is_found(tmp_path: Path, text: str) -> None:
    path = tmp_path / "module.py"
    path.write_text(text, "utf-8")
    assert len(slips_of_messages(path)) == 1


@pytest.mark.parametrize(
    "text",
    [
        'raise SettingsError(f"{1} is empty. Give the host name, for example {2}.")',
        'raise SettingsError("page_size must be 1 or more.")',
        "raise SettingsError(\"`only` must be a list of names. Use only=['a'].\")",
        'raise DecodeError(f"{1} {2}: {3}")',
        'raise DecodeError(f"The response is not valid JSON: {1}.")',
        'raise AttributeError(f"module {1!r} has no attribute {2!r}")',
        'raise KeyError("name")',
        'print("the end: look there")',
    ],
)
def test_a_message_that_is_a_sentence_is_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "module.py"
    path.write_text(text, "utf-8")
    assert slips_of_messages(path) == []


@pytest.mark.parametrize(
    "text",
    [
        '"""Whether it is open."""',
        'def f() -> int:\n    """How many there are."""\n    return 1',
        'class C:\n    size: int\n    """What it takes."""',
        "x = 1  # the answer was cut",
        'raise ValueError("the answer is empty")',
        'raise ValueError(f"{1} is no address")',
        '"""Write one file a resource."""',
        '"""Read 250 kB a page."""',
        'x = "resume an export that was gone on with"',
        "# a row\n# a page",
    ],
)
def test_a_banned_form_in_code_is_found(tmp_path: Path, text: str) -> None:
    path = tmp_path / "module.py"
    path.write_text(text, "utf-8")
    assert len(slips_of_python(path)) == 1


@pytest.mark.parametrize(
    "text",
    [
        '"""Return whether it is open; there is no page a user could miss."""',
        "answer = 1",
        'x = "`answer` is a name"',
        'x = "this is no longer used"',
        '"""Write one file per resource."""',
        'x = f"one of {2} a day"',
        "# a row\n\n# a page",
    ],
)
def test_other_words_in_code_are_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "module.py"
    path.write_text(text, "utf-8")
    assert slips_of_python(path) == []


@pytest.mark.parametrize(
    "text",
    [
        "## What is sent",
        "The first answers decide.",
        "It is no\nlist.",
        "| Files |\n|---|\n| one row an export |",
        "A bar a resource.",
    ],
)
def test_a_banned_form_on_a_page_is_found(tmp_path: Path, text: str) -> None:
    path = tmp_path / "page.md"
    path.write_text(f"# Page\n\n{text}\n", "utf-8")
    assert len(slips_of_page(path)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "## Retries",
        "`answer` and ``is no list``.",
        "There is no list.",
        "```python\nanswer = 'is no list'\n```",
    ],
)
def test_other_words_on_a_page_are_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "page.md"
    path.write_text(f"# Page\n\n{text}\n", "utf-8")
    assert slips_of_page(path) == []
