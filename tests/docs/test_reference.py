"""The pages of the reference are made of the code, and of all of it."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

import halo_async
from halo_async import errors, models
from website.reference.errors import CURES
from website.reference.pages import made_pages


@pytest.fixture(scope="module")
def made() -> Mapping[str, str]:
    return dict(made_pages())


def test_every_resource_has_a_page_with_its_operations_that_is_linked_from_its_path(made) -> None:
    operations = list(halo_async.operations())
    index = made["reference/api/index.md"]
    for name in {operation.resource for operation in operations}:
        assert f'href="{name}.html"' in index
    for operation in operations:
        page = made[f"reference/api/{operation.resource}.md"]
        assert f"`{operation.method} {operation.path}`" in page
        assert f"## {operation.stub.__name__} " in page
    assert index.count("<tr><td>") == len({operation.resource for operation in operations})


def test_a_parameter_that_the_overlay_explains_is_explained_on_its_page(made) -> None:
    page = made["reference/api/client_contract.md"]
    assert "<td>rows in one page; instances cap it, mostly at 100.</td>" in page
    assert page.count("text to search for.") == 1


def test_every_record_has_a_page_with_its_fields(made) -> None:
    pages = [made[f"reference/records/{name}.md"] for name in models.RECORDS]
    fields = sum(page.count("<tr><td>") for page in pages)
    assert (
        re.search(r"All ([\d,]+) records with their ([\d,]+) fields", made["reference/records/index.md"])[2]
        == f"{fields:,}"
    )


def test_links_between_generated_pages_lead_to_generated_pages(made) -> None:
    for path, text in made.items():
        folder = path.rpartition("/")[0]
        for target in re.findall(r'<a href="([^"#]+)\.html', text):
            parts = f"{folder}/{target}".split("/")
            while ".." in parts:
                position = parts.index("..")
                del parts[position - 1 : position + 1]
            assert f"{'/'.join(parts)}.md" in made, (path, target)


def test_every_error_has_a_cause_and_a_cure(made) -> None:
    found = [getattr(errors, name) for name in errors.__all__]
    classes = {cls.__name__ for cls in found if issubclass(cls, errors.HaloError)}
    page = made["reference/errors.md"]
    assert set(CURES) == classes
    for name in classes:
        assert re.search(
            rf"^## {name}\n(?:.+\n|\n)*?\*\*Cause\.\*\* \w.*\n\n\*\*Cure\.\*\* ", page, re.MULTILINE
        )


@pytest.mark.parametrize("command", ["export", "doctor", "call", "emulator", "generate"])
def test_the_command_line_has_every_option(made, command: str) -> None:
    page = made["reference/command-line.md"]
    assert f"## halo-async {command}\n" in page
    assert "--client-secret-file" in page
    assert "Sentinel" not in page
    assert "UNSET" not in page
