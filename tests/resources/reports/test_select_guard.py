"""What is sent as a query: one SELECT, and nothing that could be read as more than that."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo_async.errors import InvalidRequestError
from halo_async.resources.reports.guard import check_select

SELECTS = [
    "SELECT 1",
    "select faultid, symptom from faults",
    "  \n\t SELECT TOP 5 * FROM faults WHERE symptom LIKE '%drop table%'",
    "SELECT 'it''s; DELETE FROM x' AS note",
    "SELECT N'EXEC xp_cmdshell' x",
    "SELECT [delete], [a]]b;c] FROM [update]",
    'SELECT "insert" FROM t',
    "SELECT 1;",
    "SELECT 1 ; \n ;",
    ";WITH x AS (SELECT 1 AS n) SELECT n FROM x",
    "WITH a AS (SELECT 1 n), b AS (SELECT 2 n) SELECT * FROM a UNION ALL SELECT * FROM b",
    "SELECT 1 UNION SELECT 2 EXCEPT SELECT 3 INTERSECT SELECT 4",
    "SELECT (SELECT COUNT(*) FROM actions a WHERE a.faultid = f.faultid) FROM faults f",
    "SELECT CASE WHEN x = 1 THEN 'a' ELSE 'b' END FROM t ORDER BY 1 OFFSET 5 ROWS FETCH NEXT 5 ROWS ONLY",
    "SELECT a -- the first; DELETE\nFROM t",
    "SELECT a -- windows\r\nFROM t",
    "SELECT a /* outer /* inner; DROP */ still */ FROM t",
    "/* head */ SELECT 1 -- tail",
    "SELECT REPLACE(a, 'x', 'y'), LEFT(b, 3) FROM t WITH (NOLOCK)",
    "SELECT dateoccurred, updated, deleted_by, insertdate FROM t",
    "SELECT naïve FROM größe WHERE x = 'O\u2019Brien'",
    "SELECT a\u00a0FROM t",
    "SELECT 1a, 0xFF, 1e5, $3 FROM t",
    "SELECT * FROM a CROSS APPLY (SELECT TOP 1 * FROM b) c FOR JSON PATH",
]
OTHERS = [
    "",
    "   ",
    ";",
    "-- nothing",
    "DELETE FROM faults",
    "delete from faults",
    "UPDATE faults SET symptom = ''",
    "EXEC xp_cmdshell 'dir'",
    "sp_who",
    "(SELECT 1)",
    "SELECT 1; DELETE FROM faults",
    "SELECT 1 DELETE FROM faults",
    "SELECT 1\nDELETE\nFROM faults",
    "SELECT 1;SELECT 2",
    "SELECT 1 SELECT 2",
    "SELECT 1SELECT 2",
    "SELECT 1DELETE FROM faults",
    "SELECT 0xDELETE FROM faults",
    "SELECT $1UPDATE t SET a = 1",
    "SELECT * INTO copy FROM faults",
    "SeLeCt * InTo copy FROM faults",
    "SELECT 1/**/INTO/**/#t",
    "SELECT 'a'DELETE FROM t",
    "SELECT [a]DELETE FROM t",
    "WITH x AS (SELECT 1 n) DELETE FROM x",
    "WITH x AS (SELECT 1 n)",
    "SELECT 1 /* open",
    "SELECT 1 /* open /* nested */",
    "SELECT 'open",
    "SELECT 'open''",
    "SELECT [open",
    "SELECT [open]]",
    'SELECT "open',
    "SELECT (1",
    "SELECT 1)",
    "SELECT 1) DELETE FROM (x",
    "SELECT 1 -- a\rDELETE FROM faults",
    "SELECT 1 -- a\u2028DELETE FROM faults",
    "SELECT 1 -- a\x85DELETE FROM faults",
    "SELECT '\u02bc; DELETE FROM faults --'",
    "SELECT '\uff07; DELETE FROM faults --'",
    "SELECT 1 \uff24\uff25\uff2c\uff25\uff34\uff25 FROM faults",
    "SELECT 1 DEL\u200bETE FROM faults",
    "SELECT 1 DEL\u00adETE FROM faults",
    "SELECT 1 \u0131nto t",
    "SELECT * \u0130NTO t",
    "SELECT 1 u\u017fe master",
    "SELECT 1 \u212aill 5",
    "SELECT 1\x00; DELETE FROM t",
    "SELECT 1 /* \x00 */",
    "SELECT '\ud800'",
    "SELECT NEXT VALUE FOR dbo.numbers",
    "SELECT * FROM OPENROWSET('x', 'y', 'z')",
    "SELECT * FROM OPENQUERY(server, 'DELETE')",
    "SELECT 1 WAITFOR DELAY '1:00'",
    "DECLARE @x int SELECT @x",
    "SET NOCOUNT ON SELECT 1",
    "IF 1=1 SELECT 1",
    "BEGIN SELECT 1 END",
    "SELECT 1 UNION ALL DELETE FROM t",
    "SELECT ALL SELECT 2",
    "MERGE t USING s ON 1=1 WHEN MATCHED THEN DELETE;",
    "GRANT SELECT ON t TO x",
    "\ufeffSELECT 1",
]


@pytest.mark.parametrize("query", SELECTS)
def test_one_select_is_let_through(query):
    check_select(query)


@pytest.mark.parametrize("query", OTHERS)
def test_everything_else_is_refused(query):
    with pytest.raises(InvalidRequestError, match="allow_writes"):
        check_select(query)


@pytest.mark.parametrize("query", [None, b"SELECT 1", 5])
def test_what_is_no_text_is_no_query(query):
    with pytest.raises(TypeError, match="A query must be a string"):
        check_select(query)


def test_the_refusal_does_not_repeat_the_text():
    with pytest.raises(InvalidRequestError) as refusal:
        check_select("UPDATE users SET password = 'hunter2'")
    assert "hunter2" not in str(refusal.value)


def _cased(word: str) -> st.SearchStrategy[str]:
    choices = [st.sampled_from([character.lower(), character.upper()]) for character in word]
    return st.tuples(*choices).map("".join)


GAPS = st.sampled_from(
    [" ", "\n", "\t", "\r\n", "/* x */", "/*/**/*/", "--y\n", "\u00a0", " ( 1 ) ", "'s'", "[n]", '"q"', ";"]
)
VERBS = st.sampled_from(
    ["insert", "update", "delete", "merge", "drop", "exec", "execute", "truncate", "into", "create", "alter"]
).flatmap(_cased)


@given(
    st.lists(GAPS, min_size=1, max_size=4), VERBS, st.lists(GAPS, min_size=1, max_size=4), _cased("select")
)
def test_a_writing_word_is_found_however_it_is_dressed(before, verb, behind, select):
    with pytest.raises(InvalidRequestError):
        check_select(f"{select} 1{''.join(before)}{verb}{''.join(behind)}t")


@given(st.text(), st.sampled_from([("'", "'"), ("[", "]"), ("/* ", " */")]))
def test_what_stands_in_a_string_a_name_or_a_comment_hides_nothing_behind_it(text, marks):
    opening, closing = marks
    with pytest.raises(InvalidRequestError):
        check_select(f"SELECT {opening}{text}{closing} ; DELETE FROM faults")


@given(st.text(alphabet=st.characters(codec="ascii", exclude_characters="\x00\r'")))
def test_any_ascii_text_may_stand_in_a_string(text):
    check_select(f"SELECT '{text}' AS x")


@given(st.text())
def test_no_text_makes_it_fail_in_another_way(text):
    with suppress(InvalidRequestError):
        check_select(text)
