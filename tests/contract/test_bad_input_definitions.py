"""Bad input, part 1: definitions. Wrong path, table, column, type; unknown, duplicate, cyclic
definitions; malformed YAML. One clear error with file, line and hint; the last version stays.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import holbein
from holbein.catalog import load
from holbein.errors import DefinitionError, HolbeinError
from tests.support import bad_input
from tests.support.bad_input import FILES, SOURCE, command, in_force, process, refused

Changes = dict[str, str | bytes | None]


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bad_input.make(tmp_path_factory.mktemp("definitions") / "good")


def source(old: str, new: str) -> Changes:
    assert SOURCE.count(old) == 1, old
    return {"sources/crm.yaml": SOURCE.replace(old, new)}


def tags(*lines: str) -> Changes:
    return {"tags/b.yaml": "tags:\n" + "".join(f"  - {line}\n" for line in lines)}


def audiences(*lines: str) -> Changes:
    return {"audiences/b.yaml": "audiences:\n" + "".join(f"  - {line}\n" for line in lines)}


def database(statement: str = "") -> Changes:
    text = SOURCE.replace(
        "    streams:\n", "  - source: crm\n    from: sqlite:///x.sqlite\n    streams:\n"
    )
    if statement:
        text = text.replace("table: orders", f"sql: {statement}")
    return {"sources/crm.yaml": text}


BOMB = "a: &a [x]\n" + "".join(
    f"{one}: &{one} [{', '.join([f'*{before}'] * 10)}]\n"
    for before, one in zip("abcdefgh", "bcdefghi", strict=True)
)

# What is wrong, and what the error says: its place first.
PATHS = {
    "no such folder": (source("from: crm\n", "from: crn\n"), "sources/crm.yaml:3: there is no file", "did you mean crm?"),
    "not a kind of file": (source("from: crm\n", "from: holbein.yaml\n"), "sources/crm.yaml:3: holbein.yaml is neither"),
    "not a kind of source": (source("from: crm\n", "from: postgres://x\n"), "sources/crm.yaml:2:", "postgres:// cannot be read"),
    "empty": (source("from: crm\n", "from: ''\n"), "sources/crm.yaml:3:", "it is empty"),
    "null byte": (source("from: crm\n", 'from: "c\\0m"\n'), "sources/crm.yaml:3:", "control characters"),
    "too long": (source("from: crm\n", f"from: {'x' * 300}\n"), "sources/crm.yaml:3:", "can't be opened"),
    "no such database": (source("from: crm\n", "from: sqlite:///no.sqlite\n"), "sources/crm.yaml:3: there is no file"),
    "no path": (source("from: crm\n", "from: sqlite://no.sqlite\n"), "sources/crm.yaml:3:", "write sqlite:///PATH"),
    "no database": (source("from: crm\n", "from: sqlite:///holbein.yaml\n"), "sources/crm.yaml:3: holbein.yaml can't be read as a SQLite database"),
    "list without file": (tags("{tag: a, imported: {file: no.csv, source: crm, id: id}}"), "tags/b.yaml:2: there is no file no.csv"),
    "list with a long name": (tags(f"{{tag: a, imported: {{file: {'x' * 300}, source: crm, id: id}}}}"), "tags/b.yaml:2:", "can't be opened"),
    "list of another kind": (tags("{tag: a, imported: {file: holbein.yaml, source: crm, id: id}}"), "tags/b.yaml:2: holbein.yaml is neither"),
    "a folder is a file": ({"tags/a.yaml": None, "audiences/a.yaml": None}, "tags: tags is a folder of YAML files"),
}  # fmt: skip
TABLES = {
    "no such table": (source("table: orders", "table: order"), "sources/crm.yaml:15: the folder crm has no order.csv", "did you mean orders?"),
    "no such file": ({"crm/orders.csv": None}, "sources/crm.yaml:15:", "it has companies, contacts"),
    "out of the folder": (source("table: orders", "table: ../crm/orders"), "sources/crm.yaml:15:", "a table is a file's name"),
    "anywhere": (source("table: orders", "table: /etc/passwd"), "sources/crm.yaml:15:", "is no table of the folder"),
    "too long": (source("table: orders", f"table: {'x' * 300}"), "sources/crm.yaml:15:", "can't be opened"),
    "none": (source("table: orders\n", "tabel: orders\n"), "sources/crm.yaml:15:", "did you mean table?"),
    "sql without a database": (source("table: orders", "sql: SELECT 1"), "sources/crm.yaml:2:", "sql is for SQLite sources only"),
    "no such table of a database": ({"sources/crm.yaml": str(database()["sources/crm.yaml"]).replace("table: orders", "table: order")}, "sources/crm.yaml:17: x.sqlite has no table 'order'", "did you mean orders?"),
    "sql of no table": (database("SELECT * FROM order1"), "sources/crm.yaml:17: x.sqlite has no table 'order1'", "did you mean orders?"),
    "sql of no column": (database("SELECT amont FROM orders"), "sources/crm.yaml:17: the query asks for 'amont'", "did you mean amount?"),
    "half a query": (database("SELECT"), "sources/crm.yaml:17: SQLite refuses the query"),
    "a statement": (database("DROP TABLE orders"), "sources/crm.yaml:17: sql must be one SELECT"),
    "two statements": (database("SELECT 1; DROP TABLE orders"), "sources/crm.yaml:17: sql must be one SELECT"),
    "an extension": (database("SELECT load_extension('x')"), "sources/crm.yaml:17: sql may only read tables"),
}  # fmt: skip
COLUMNS = {
    "attribute": (source("country: country", "country: contry"), "sources/crm.yaml:4: companies.csv has no column 'contry'", "did you mean country?"),
    "id": (source("companies, id: id", "companies, id: idd"), "sources/crm.yaml:4: companies.csv has no column 'idd'", "did you mean id?"),
    "time": (source("at: at", "at: att"), "sources/crm.yaml:17: orders.csv has no column 'att'", "did you mean at?"),
    "of a stream": (source("product: product", "product: produkt"), "sources/crm.yaml:19: orders.csv has no column 'produkt'", "did you mean product?"),
    "of a list": (tags("{tag: a, imported: {file: crm/orders.csv, source: crm, id: compny}}"), "tags/b.yaml:2: orders.csv has no column 'compny'", "did you mean company?"),
    "named twice in the file": ({"crm/companies.csv": "id,id,name,country,region,parent,employees,founded\n"}, "sources/crm.yaml:4: companies.csv has several columns named 'id'"),
    "reserved": (source("country: country", "valid_to: country"), "sources/crm.yaml:4:", "no attribute can be named 'valid_to'"),
    "of a preference": (tags("{tag: a, prefers: {stream: orders, by: produkt}}"), "tags/b.yaml:2", "orders has no column produkt", "did you mean product?"),
}  # fmt: skip
TYPES = {
    "unknown": (source("type: number", "type: nummer"), "sources/crm.yaml:5:", "'nummer' is none of", "did you mean number?"),
    "of another kind": (source("employees, type: number", "employees, type: money"), "sources/crm.yaml:4:", "cannot be of type money"),
    "with codes": (source("column: founded, type: date", "column: founded, type: date, codes: regions"), "sources/crm.yaml:6:", "codes are categories"),
    "number for text": (tags("{tag: a, where: 5}"), "tags/b.yaml:2:", 'put it in quotes: "5"'),
    "text for number": (tags("{tag: a, band: {of: employees, below: [{s: '9'}]}}"), "tags/b.yaml:2:", "must be a number"),
    "list for mapping": (tags("{tag: a, band: []}"), "tags/b.yaml:2:", "must be a mapping"),
    "sum of text": (tags('{tag: a, value: "sum(orders.product)"}'), "tags/b.yaml:2, in sum(orders.product)", "use first, last"),
    "band of text": (tags("{tag: a, band: {of: country, below: [{x: 1}]}}"), "tags/b.yaml:2:", "a band is cut from numbers"),
    "rank of text": (tags("{tag: a, ranks: {of: country}}"), "tags/b.yaml:2:", "give a number or a date"),
    "peers by number": (tags("{tag: a, ranks: {of: employees, among: [employees]}}"), "tags/b.yaml:2:", "cut it into bands"),
    "sum of labels": (tags("{tag: a, rolls_up: {from: subsidiaries, of: country, by: sum}}"), "tags/b.yaml:2:", "use by: best or most"),
    "amount of text": (tags("{tag: a, rfm: {stream: orders, amount: product}}"), "tags/b.yaml:2, in sum(orders.product)", "use first, last"),
    "guard of text": (tags("{tag: a, where: big, guard: strict}"), "tags/b.yaml:2:", "guard must be a mapping"),
    "guard of nothing": (tags("{tag: a, where: big, guard: {}}"), "tags/b.yaml:2: tag 'a', guard: it guards nothing (give it coverage, psi, or both)"),
    "guard of something else": (tags("{tag: a, where: big, guard: {converage: 0.2}}"), "tags/b.yaml:2:", "did you mean coverage?"),
    "guard in percent": (tags("{tag: a, where: big, guard: {coverage: 20}}"), "tags/b.yaml:2: tag 'a', guard.coverage: a share changes by", "for 20 points write 0.2"),
    "guard below nothing": (tags("{tag: a, where: big, guard: {coverage: -0.2}}"), "tags/b.yaml:2:", "a share changes by more than 0", "write 0.2"),
    "guard against any shift": (tags("{tag: a, where: big, guard: {psi: 0}}"), "tags/b.yaml:2:", "a PSI that is allowed is greater than 0"),
    "guard without end": (tags("{tag: a, where: big, guard: {psi: 1e999}}"), "tags/b.yaml:2:", "a PSI that is allowed"),
    "compared with a number": (tags('{tag: a, where: "country = 5"}'), "tags/b.yaml:2, in country = 5", "write '5'"),
    "event without a name": (source("      orders:\n", "      event:\n"), "sources/crm.yaml:15: the stream event needs a column `name`"),
}  # fmt: skip
UNKNOWN = {
    "key": (source("at: at", "att: at"), "sources/crm.yaml:17:", "unknown key 'att'", "did you mean at?"),
    "section": ({"tags/b.yaml": "tag:\n  - {tag: a, where: big}\n"}, "tags/b.yaml:1: unknown key 'tag'", "did you mean tags?"),
    "setting": ({"holbein.yaml": "enigne: spark\n"}, "holbein.yaml:1:", "did you mean engine?"),
    "time zone": ({"holbein.yaml": "time_zone: Asia/Shangai\n"}, "holbein.yaml:1:", "did you mean Asia/Shanghai"),
    "language": (tags("{tag: a, where: big, title: {fr: x}}"), "tags/b.yaml:2:", "none of the languages en, zh"),
    "kind": (tags("{tag: a, on: company, where: big}"), "tags/b.yaml:2:", "'company' is none of enterprise, person, role"),
    "attribute in a tag": (tags("{tag: a, where: \"contry = 'x'\"}"), "tags/b.yaml:2, in contry", "did you mean country?"),
    "attribute in a case": ({"tags/b.yaml": "tags:\n  - tag: a\n    cases:\n      - {x: contry}\n"}, "tags/b.yaml:4, in contry", "did you mean country?"),
    "attribute in an audience": (audiences("{audience: x, where: \"contry = 'x'\"}"), "audiences/b.yaml:2, in contry", "did you mean country?"),
    "stream": (tags('{tag: a, where: "count(order) > 0"}'), "tags/b.yaml:2, in count(order)", "did you mean orders?"),
    "stream of a preference": (tags("{tag: a, prefers: {stream: order, by: product}}"), "tags/b.yaml:2", "did you mean orders?"),
    "peers": (tags("{tag: a, ranks: {of: employees, among: [contry]}}"), "tags/b.yaml:2, in contry", "did you mean country?"),
    "stream of a life cycle": (tags("{tag: a, lifecycle: {stream: order, period: 9 days}}"), "tags/b.yaml:2, in count(order)", "did you mean orders?"),
    "stage": (tags("{tag: a, lifecycle: {stream: orders, period: 9 days, stages: {lst: big}}}"), "tags/b.yaml:2:", "did you mean lost?"),
    "way up": (tags("{tag: a, rolls_up: {from: subsidiary, by: count}}"), "tags/b.yaml:2:", "did you mean subsidiaries?"),
    "audience in a tag": (tags("{tag: a, where: \"in_audience('big one')\"}"), "tags/b.yaml:2, in in_audience", "did you mean big ones?"),
    "source of a list": (tags("{tag: a, imported: {file: crm/orders.csv, source: crn, id: company}}"), "tags/b.yaml:2:", "did you mean crm?"),
}  # fmt: skip
DUPLICATE = {
    "key": ({"sources/crm.yaml": SOURCE + "    from: x\n"}, "sources/crm.yaml:20: the key 'from' stands twice: first on line 3"),
    "tag": (tags("{tag: big, where: big}"), "tags/b.yaml:2: tag 'big' on enterprise is defined twice: first at tags/a.yaml:3"),
    "tag but for case": (tags("{tag: Big, where: big}"), "tags/b.yaml:2: tag 'Big' on enterprise differs only in case from 'big' at tags/a.yaml:3"),
    "audience": (audiences("{audience: big ones, where: big}"), "audiences/b.yaml:2: audience 'big ones' is defined twice: first at audiences/a.yaml:2"),
    "stream": ({"sources/z.yaml": SOURCE}, "sources/z.yaml:15: stream 'orders' is defined twice: first at sources/crm.yaml:15"),
    "tag and attribute": (tags("{tag: country, where: big}"), "tags/b.yaml:2: tag 'country' is named like the attribute"),
    "label": (tags("{tag: a, band: {of: employees, below: [{x: 1}, {x: 2}]}}"), "tags/b.yaml:2:", "the label 'x' stands twice"),
    "attribute but for case": (source("country: country", "Name: country"), "sources/crm.yaml:4:", "differ only in case"),
}  # fmt: skip
CYCLIC = {
    "itself": (tags("{tag: a, where: NOT a}"), "tags/b.yaml:2: tag 'a' depends on itself: a (tags/b.yaml:2) → a"),
    "three tags": (tags("{tag: a, where: b}", "{tag: b, where: c}", "{tag: c, where: a}"), "tags/b.yaml:2:", "a (tags/b.yaml:2) → b (tags/b.yaml:3) → c (tags/b.yaml:4) → a"),
    "two audiences": (audiences("{audience: x, where: in_audience('y')}", "{audience: y, where: in_audience('x')}"), "audiences/b.yaml:2:", "audience 'x' (audiences/b.yaml:2) → audience 'y'"),
    "tag and audience": (tags("{tag: a, where: in_audience('x')}") | audiences("{audience: x, where: a}"), "tags/b.yaml:2:", "a (tags/b.yaml:2) → audience 'x' (audiences/b.yaml:2) → a"),
    "up and down": (tags("{tag: a, rolls_up: {from: parent, of: b}}", "{tag: b, rolls_up: {from: subsidiaries, of: a, by: max}}"), "tags/b.yaml:2:", "a (tags/b.yaml:2) → b (tags/b.yaml:3) → a"),
    "through people": (tags("{tag: a, where: any_role(r)}", "{tag: r, on: role, where: enterprise(a)}"), "tags/b.yaml:2:", "enterprise a (tags/b.yaml:2) → role r"),
}  # fmt: skip
MALFORMED = {
    "quote": ({"tags/b.yaml": 'tags:\n  - {tag: a, where: "b}\n'}, "tags/b.yaml:3:", "begins on line 2"),
    "bracket": ({"tags/b.yaml": "tags: [\n"}, "tags/b.yaml:2:", "it is not YAML"),
    "tab": ({"tags/b.yaml": "tags:\n\t- x\n"}, "tags/b.yaml:2: YAML is indented with blanks"),
    "bytes": ({"tags/b.yaml": b"tags:\n - \xff\xfe\n"}, "tags/b.yaml:2: the file is not UTF-8"),
    "null byte": ({"tags/b.yaml": b"tags:\n - \0\n"}, "tags/b.yaml:2: it is not YAML"),
    "lone surrogate": ({"tags/b.yaml": b'tags:\n - {tag: a, where: "\\ud800"}\n'}, "tags/b.yaml:2:"),
    "object": ({"tags/b.yaml": "tags:\n  - !!python/object/apply:os.system [ls]\n"}, "tags/b.yaml:2: definitions have no YAML tags"),
    "depth": ({"tags/b.yaml": "tags: " + "[" * 100_000}, "tags/b.yaml:1: lists are nested too deep"),
    "bomb": ({"tags/b.yaml": BOMB}, "tags/b.yaml:", "unfolds into too much"),
    "two documents": ({"tags/b.yaml": "tags:\n---\ntags:\n"}, "tags/b.yaml:2: the file holds several documents"),
    "no list": ({"tags/b.yaml": "tags: {tag: a}\n"}, "tags/b.yaml:1: tags is a list"),
    "settings": ({"holbein.yaml": "{"}, "holbein.yaml:1: it is not YAML"),
    "condition": (tags('{tag: a, where: "big AND"}'), "tags/b.yaml:2, line 1, column 8: tag 'a': the condition ends"),
    "SQL for a condition": (tags('{tag: a, where: "EXISTS (SELECT 1)"}'), "tags/b.yaml:2, line 1, column 1: tag 'a': EXISTS is SQL"),
    "window": (tags("{tag: a, prefers: {stream: orders, by: product, window: 5 dayz}}"), "tags/b.yaml:2:", "is no stretch of time"),
}  # fmt: skip

ENTRIES = {
    "wrong path": PATHS,
    "wrong table": TABLES,
    "wrong column": COLUMNS,
    "wrong type": TYPES,
    "unknown": UNKNOWN,
    "duplicate": DUPLICATE,
    "cyclic": CYCLIC,
    "malformed YAML": MALFORMED,
}
CASES = [
    pytest.param(*case, id=f"{entry}: {name}")
    for entry, cases in ENTRIES.items()
    for name, case in ((name, (case[0], case[1:])) for name, case in cases.items())
]
# These say themselves what would be right.
NO_HINT = ("is none of", "the condition ends", "has the type")


def spoil(good: Path, target: Path, changes: Changes) -> Path:
    folder = bad_input.copy(good, target, changes)
    if changes.get("tags/a.yaml", "") is None:
        (folder / "tags").rmdir()  # a file of that name stands there instead
        (folder / "tags").write_text("tags:\n")
    connection = sqlite3.connect(folder / "x.sqlite")
    connection.execute("CREATE TABLE orders (id, company, at, product, amount)")
    connection.close()
    return folder


@pytest.mark.parametrize(("changes", "told"), CASES)
def test_bad_definitions_are_refused_and_the_last_version_stays(
    good: Path, tmp_path: Path, changes: Changes, told: tuple[str, ...]
) -> None:
    folder = spoil(good, tmp_path / "bad", changes)
    hint = not any(one in part for one in NO_HINT for part in told)
    said = refused(command("run", "-w", str(folder)), *told, hint=hint)
    assert said.startswith(f"error: {told[0]}")
    assert command("check", "-w", str(folder)).errors == [said]
    in_force(folder)
    with pytest.raises(HolbeinError):
        holbein.open(folder).run()


@pytest.mark.parametrize("entry", ENTRIES)
def test_in_a_process_of_its_own(good: Path, tmp_path: Path, entry: str) -> None:
    """One case of each entry as a user meets it."""
    changes, *told = next(iter(ENTRIES[entry].values()))
    folder = spoil(good, tmp_path / "bad", changes)
    assert isinstance(told[0], str)
    refused(process("run", folder=folder), *told)
    in_force(folder)


def test_all_mistakes_are_told_at_once(good: Path, tmp_path: Path) -> None:
    changes = tags("{tag: a, where: contry}", "{tag: b, where: a}", "{tag: c, where: 'big ='}")
    folder = bad_input.copy(good, tmp_path / "bad", changes | audiences("{audience: x, where: y}"))
    said = refused(command("run", "-w", str(folder)), lines=3, hint=False).splitlines()
    places = [one.removeprefix("error: ").partition(",")[0] for one in said]
    # What depends on a mistake is not told as another.
    assert places == ["tags/b.yaml:2", "tags/b.yaml:4", "audiences/b.yaml:2"]
    in_force(folder)


def test_an_audience_spoilt_after_the_run_is_told_to_who_asks_for_it(
    good: Path, tmp_path: Path
) -> None:
    wrong = FILES["audiences/a.yaml"].replace("where: big}", "where: bigg}")
    folder = bad_input.copy(good, tmp_path / "bad", {"audiences/a.yaml": wrong})
    told = ("audiences/a.yaml:2, in bigg", "did you mean big?")
    at = ("-w", str(folder))
    refused(command("count", *at, "in_audience('big ones')"), *told)
    refused(command("portrait", *at, "audience", "big ones"), *told)
    refused(command("portrait", *at, "audience", "bosses", "--base", "big ones"), *told)
    refused(command("audience", "freeze", *at, "big ones", "--as", "x"), *told)
    refused(command("audience", "freeze", *at, "bosses", "--as", "big ones"), "'big ones'")
    listed = command("audience", "list", *at)
    assert (listed.code, "bosses" in listed.out) == (0, True)
    assert listed.err.startswith("note: left out: audiences/a.yaml:2")
    in_force(folder)


def test_audiences_that_cannot_be_read_leave_the_rest_alone(good: Path, tmp_path: Path) -> None:
    folder = bad_input.copy(good, tmp_path / "bad", {"audiences/a.yaml": "audiences: {"})
    (folder / "audiences" / "b.yaml").symlink_to(tmp_path / "nowhere.yaml")
    said = refused(
        command("count", "-w", str(folder), "in_audience('bosses')"), lines=2, hint=False
    )
    assert "audiences/a.yaml:1: it is not YAML" in said
    assert "audiences/b.yaml: the file cannot be read" in said
    in_force(folder)


@pytest.mark.parametrize("section", ["tags", "audiences"])
def test_a_folder_that_nobody_may_look_into(
    good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, section: str
) -> None:
    """Root may look anywhere, so the system's refusal is played."""
    folder = bad_input.copy(good, tmp_path / "bad")
    look = Path.iterdir

    def refuse(path: Path) -> Iterator[Path]:
        if path.name == section:
            raise PermissionError(13, "Permission denied", str(path))
        return look(path)

    monkeypatch.setattr(Path, "iterdir", refuse)
    told = f"{section}: the folder cannot be read: Permission denied"
    refused(command("run", "-w", str(folder)), told)
    if section == "audiences":
        refused(command("count", "-w", str(folder), "in_audience('bosses')"), told)
    in_force(folder)


TAGS_REFUSED = {
    "no name": ("x y", "big", "'x y' is not a name"),
    "empty name": ("", "big", "is not a name"),
    "null byte": ("a\0", "big", "is not a name"),
    "lone surrogate": ("\udcff", "big", "is not a name"),
    "right-to-left mark": ("\u202ex", "big", "is not a name"),
    "long name": ("x" * 101, "big", "at most 100 characters"),
    "taken": (
        "big",
        "tier = 'high'",
        "there is a tag 'big' on enterprise already, at tags/a.yaml:3",
    ),
    "taken but for case": ("Big", "big", "only case tells it from the tag 'big'"),
    "an attribute's": ("country", "big", "is named like the attribute 'country'"),
    "Holbein's": ("id", "big", "Holbein uses the name itself"),
    "unknown name": ("x", "bigg", "did you mean big?"),
    "wrong type": ("x", "country = 5", "write '5'"),
    "no condition": ("x", "", "the condition is empty"),
    "half a condition": ("x", "employees >", "line 1, column 12"),
    "SQL": ("x", "SELECT 1", "SELECT is SQL"),
    "itself": ("x", "NOT x", "depends on itself"),
}


@pytest.mark.parametrize(("name", "text", "told"), TAGS_REFUSED.values(), ids=TAGS_REFUSED)
def test_a_tag_that_does_not_fit_is_not_written(
    good: Path, tmp_path: Path, name: str, text: str, told: str
) -> None:
    folder = bad_input.copy(good, tmp_path / "bad")
    refused(command("tag", "add", "-w", str(folder), name, text), told, hint=text != "employees >")
    assert not (folder / "tags" / "own.yaml").exists()
    in_force(folder)
    assert not command("check", "-w", str(folder)).errors


# --- random damage --------------------------------------------------------------------------------

MORE = """\
tags:
  - tag: size
    title: {en: Size, zh: 规模}
    values: {small: {en: Small}, large: 大}
    category: [a, b]
    band: {of: employees, below: [{small: 50}, {medium: 5.5e2}], else: large}
    sentence: size
  - {tag: likes, prefers: {stream: orders, by: product, weight: amount, window: 1 year, half_life: 90 days}}
  - {tag: listed, imported: {file: crm/companies.csv, source: crm, id: id}}
"""
PIECES = st.sampled_from(
    [*" \t\n:-?,[]{}#&*!|>'\"%@`~<=\\0\0\u0085\u2028\ufeff\u202e", "- ", ": ", "\n  ", "\n", "<<: ", "? ", "---\n",
     "null", "true", "5", "1e999", ".nan", "!!", "&a ", "*a", "tag", "where", "id", "on", "x" * 300, "9" * 40, '"\\ud800"',
     "count(orders)", "in_audience('x')", "revenue", "big"]
)  # fmt: skip


@pytest.fixture(scope="module")
def scratch(good: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bad_input.copy(good, tmp_path_factory.mktemp("scratch") / "fuzz", {"tags/b.yaml": MORE})


@given(data=st.data())
@settings(max_examples=max(300, settings().max_examples))
def test_random_damage_to_a_file_is_one_error_with_its_place(
    scratch: Path, data: st.DataObject
) -> None:
    """Texts put in, cut out, put in place of others; lines doubled and lost."""
    name = data.draw(
        st.sampled_from(["holbein.yaml", "sources/crm.yaml", "tags/b.yaml", "audiences/a.yaml"])
    )
    good = MORE if name == "tags/b.yaml" else FILES[name]
    text = good
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        piece = data.draw(st.one_of(PIECES, st.text(max_size=3)))
        text = text[:at] + piece + text[at + data.draw(st.integers(0, 9)) :]
        if data.draw(st.booleans()):
            lines = text.split("\n")
            lines.insert(at % len(lines), lines.pop(data.draw(st.integers(0, len(lines) - 1))))
            text = "\n".join(lines)
    (scratch / name).write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        load(scratch)
    except DefinitionError as error:
        for line in str(error).splitlines():
            assert line.startswith((*SECTIONS, "…")), line
    else:
        try:
            holbein.open(scratch).check()
        except HolbeinError as error:
            assert str(error).startswith(SECTIONS), str(error)
    finally:
        (scratch / name).write_text(good, encoding="utf-8")


SECTIONS = ("holbein.yaml", "sources/", "tags/", "audiences/")
