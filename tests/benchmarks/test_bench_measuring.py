"""Processes of their own, turns, the page server, and each subject's arithmetic."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote
from urllib.request import Request, urlopen

import attrs
import pytest

from benchmarks import decode
from benchmarks import document as documents
from benchmarks.core.bench import Bench
from benchmarks.core.child import measured
from benchmarks.core.children import ROOT, Child, NotMeasured, Taken, environment, interpreter, once, ran
from benchmarks.core.figures import Figure, of_runs
from benchmarks.core.instance import Served, served
from benchmarks.core.lines import Line
from benchmarks.core.results import Table
from benchmarks.core.sampling import sampled
from benchmarks.core.turns import at_two_paces, interleaved, joined
from benchmarks.quota import least_seconds
from benchmarks.rows import FIELDS, names, ticket_rows


def test_turns_go_forth_and_back_and_the_warm_one_does_not_count() -> None:
    order: list[str] = []

    def run(name: str) -> Taken:
        order.append(name)
        return Taken(1, 2, 3, 4)

    turns = interleaved({"a": lambda: run("a"), "b": lambda: run("b")}, 2)
    assert order == ["b", "a", "a", "b", "b", "a"]
    assert turns.of("a", "cpu") == [2, 2]


def test_a_case_that_fails_is_left_out_with_its_reason_and_the_others_go_on() -> None:
    def fail() -> Taken:
        raise NotMeasured("not measured: no such package")

    turns = interleaved({"a": fail, "b": lambda: Taken(1, 2, 3, 4)}, 3, warm=False)
    assert turns.failed == {"a": "not measured: no such package"}
    assert turns.of("a", "cpu") == []
    assert len(turns.of("b", "cpu")) == 3


def test_a_child_measures_what_it_ran() -> None:
    with Child("decoding:ready", {"kind": "msgspec dicts", "rows": 50, "shuffled": True, "read": 5}) as child:
        taken = child.run()
    assert taken.cpu > 0
    assert taken.peak >= taken.before > 1


def test_a_child_says_what_it_lacks() -> None:
    with pytest.raises(NotMeasured, match=r"not measured: No module named 'benchmarks\.tasks\.gone'"):
        Child("gone:ready", {})


def test_an_interpreter_that_fails_says_why() -> None:
    with pytest.raises(NotMeasured, match="No module named 'gone'"):
        interpreter("import gone")


def test_a_command_that_takes_too_long_is_stopped_and_says_so() -> None:
    with pytest.raises(NotMeasured, match="over 0 s: stopped"):
        ran([sys.executable, "-c", "while True: pass"], limit=0.1)


def test_what_python_reads_from_the_environment_does_not_reach_children(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    assert "PYTHONDONTWRITEBYTECODE" not in environment()


def test_children_find_no_module_in_the_folder_they_are_called_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT / "benchmarks")  # it has a stock.py; `stock` is the stock generator's package
    with pytest.raises(NotMeasured, match="No module named 'stock'"):
        interpreter("import stock")


def busy() -> int:
    return sum(number * number for number in range(400_000))


def test_a_sampled_run_tells_where_its_time_went() -> None:
    with sampled() as shares:
        for _ in range(5):
            busy()
    assert sum(shares.values()) == pytest.approx(1)
    assert sum(share for place, share in shares.items() if "test_bench_measuring.py" in place) > 0.5


def test_a_run_that_is_not_sampled_has_no_shares() -> None:
    assert "shares" not in measured(busy, sampling=False)


def test_rows_have_eighty_fields_and_shuffling_changes_their_order_only() -> None:
    plain, shuffled = ticket_rows(3), ticket_rows(3, shuffled=True)
    assert plain == shuffled
    assert [len(row) for row in plain] == [FIELDS] * 3
    assert list(plain[0]) == names()
    assert list(shuffled[0]) != list(shuffled[1])


@pytest.fixture(scope="module")
def instance() -> Iterator[Served]:
    with served(250) as running:
        yield running


def ask(instance: Served, query: str) -> tuple[list[int], int]:
    with urlopen(f"{instance.url}/api/Tickets?{query}") as response:
        page = json.loads(response.read())
    return [row["id"] for row in page["tickets"]], page["record_count"]


def test_the_page_server_pages_filters_and_counts(instance: Served) -> None:
    instance.asked()
    assert ask(instance, "page_no=3&page_size=100") == (list(range(201, 251)), 250)
    assert ask(instance, "page_size=1000")[0] == list(range(1, 101))
    assert ask(instance, "page_size=2&orderdesc=true") == ([250, 249], 250)
    above = quote(json.dumps([{"filter_name": "id", "filter_type": 7, "filter_value": "240"}]))
    assert ask(instance, f"page_size=100&advanced_search={above}") == (list(range(241, 251)), 10)
    assert len(instance.asked()) == 4
    assert instance.asked() == []


@pytest.mark.parametrize("plain", [False, True])
def test_the_page_server_compresses_for_those_who_ask_unless_it_is_plain(plain: bool) -> None:
    with served(250, plain=plain) as running:
        asked = Request(f"{running.url}/api/Tickets?page_size=100", headers={"Accept-Encoding": "br, gzip"})
        with urlopen(f"{running.url}/api/Tickets?page_size=100") as response:
            whole = response.read()
        with urlopen(asked) as response:
            body, encoding = response.read(), response.headers["Content-Encoding"]
    assert encoding == (None if plain else "gzip")
    assert (body if plain else gzip.decompress(body)) == whole


@pytest.mark.parametrize("client", ["halo_async", "raw aiohttp + msgspec"])
@pytest.mark.parametrize("width", [1, 4])
def test_a_walk_reads_every_row(client: str, width: int) -> None:
    with served(200) as whole:
        args = {"client": client, "url": whole.url, "pages": 2, "width": width}
        with Child("walks:ready", args) as child:
            assert child.run().value == 200


def test_a_walk_that_misses_rows_is_no_measurement(instance: Served) -> None:
    args = {"client": "halo_async", "url": instance.url, "pages": 2, "width": 1}
    with Child("walks:ready", args) as child, pytest.raises(NotMeasured, match="250 of 200 rows"):
        child.run()


@pytest.mark.parametrize("ahead", [0, 4])
def test_pages_read_ahead_come_whole_and_in_order(ahead: int) -> None:
    with served(300) as whole:
        args = {"url": whole.url, "pages": 3, "ahead": ahead}
        assert once("paging:ready", args).value == 300
        assert len(whole.asked()) == 3
        with pytest.raises(NotMeasured, match="300 of 400 rows"):
            once("paging:ready", {**args, "pages": 4})


def test_the_least_time_through_the_window() -> None:
    assert least_seconds(100) == 0
    assert least_seconds(29_900) == 0  # one call finds the login, 299 follow
    assert least_seconds(30_000) == 300
    assert least_seconds(300_000) == 3000


def test_a_cut_document_has_the_schemas_that_its_paths_need(tmp_path: Path) -> None:
    schemas = {"A": {"properties": {"b": {"$ref": "#/components/schemas/B"}}}, "B": {}, "C": {}}
    used = {"get": {"responses": {"200": {"schema": {"$ref": "#/components/schemas/A"}}}}}
    paths = {"/a": used, **{f"/{number}": {"get": {}, "post": {}} for number in range(9)}}
    (tmp_path / "d.json").write_text(json.dumps({"paths": paths, "components": {"schemas": schemas}}))
    path, operations = documents.cut(tmp_path / "d.json", 0.1, tmp_path / "cut.json")
    cut = json.loads(path.read_text())
    assert operations == 1
    assert list(cut["paths"]) == ["/a"]
    assert sorted(cut["components"]["schemas"]) == ["A", "B"]


def test_what_subjects_share_is_made_once(tmp_path: Path) -> None:
    bench, made = Bench(tmp_path), []
    for _ in range(2):
        bench.made("x", lambda: made.append(1))
    assert made == [1]


def test_slow_cases_are_compared_with_the_base_in_their_own_turns() -> None:
    times = iter(range(1, 100))
    cases = {name: lambda: Taken(next(times), 1, 1, 1) for name in ("base", "quick", "slow")}
    turns = at_two_paces(cases, "base", ["slow"], 3, 2, warm=False)
    assert turns.pair("base", "quick", "wall") == ([1, 4, 5], [2, 3, 6])
    assert turns.pair("base", "slow", "wall") == ([8, 9], [7, 10])


def test_rounds_are_joined_and_what_failed_in_one_has_no_figure() -> None:
    one, two = (interleaved({"a": lambda: Taken(1, 1, 1, 1)}, 2, warm=False) for _ in range(2))
    assert len(joined([one, two]).of("a", "wall")) == 4
    assert joined([one, attrs.evolve(two, failed={"a": "gone"})]).of("a", "wall") == []


def test_a_server_whose_parent_is_gone_ends() -> None:
    command = [sys.executable, "-m", "benchmarks.page_server", "10"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment(), stdin=pipe, stdout=pipe) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        process.stdin.close()
        assert process.wait(20) == 0


def test_growth_beyond_that_of_dicts_is_a_difference_with_or_without_a_number() -> None:
    def beyond(own: Figure) -> Line:
        rows = {decode.OURS: (own,), decode.BASE: (of_runs([1.0, 1.02, 1.04], floor=0.05),)}
        return decode._beyond(Table("growth", ("exponent",), rows))

    number = beyond(of_runs([1.0, 1.01, 1.02], floor=0.05))
    assert number.measured.median == pytest.approx(-0.01)
    assert number.verdict == "met"
    wide = beyond(of_runs([0.8, 1.0, 1.3]))
    assert wide.measured.median is None
    assert wide.measured.low == pytest.approx(0.9 - 1.03)
    assert wide.verdict == "unclear"
