"""Bad input, part 7: SQL and Python tags. Code that fails, lies, hangs, grabs or spies is told in
one line, with the tag's place; the last version stays; no process and no file is left behind.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import duckdb
import pytest

import holbein
from holbein import collect
from holbein.catalog import Inspection, build, load
from holbein.catalog.vetting import vet
from holbein.engine import open_engine
from holbein.engine.reader import Reader
from holbein.engine.sealed import seal, tables_at
from holbein.errors import TagError
from holbein.tags import custom
from tests.support import bad_input
from tests.support.bad_input import AS_OF, PERSONAL, command, in_force, refused
from tests.support.queries import HONEST, TABLES

PROC = Path("/proc")
Changes = dict[str, str | bytes | None]
Compute = Callable[[Changes], list[object]]


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bad_input.make(tmp_path_factory.mktemp("custom") / "good")


@pytest.fixture(scope="module")
def inspection(good: Path) -> Inspection:
    return collect.inspect(load(good))


@pytest.fixture(scope="module")
def compute(
    good: Path, inspection: Inspection, tmp_path_factory: pytest.TempPathFactory
) -> Compute:
    """The values of the tag ``own``, over the version that ``good`` has in force."""
    snapshot = holbein.open(good).store.current()

    def made(changes: Changes) -> list[object]:
        folder = tmp_path_factory.mktemp("definitions")
        for name in ("holbein.yaml", "sources/crm.yaml", "tags/a.yaml"):
            changes.setdefault(name, (good / name).read_bytes())
        for name, content in changes.items():
            (folder / name).parent.mkdir(exist_ok=True)
            assert content is not None
            (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
        catalogue = build(load(folder), inspection, {})
        tag = catalogue.tag("enterprise", "own")
        assert tag is not None
        engine = open_engine("duckdb")
        try:
            reader = Reader(engine, snapshot, catalogue.vocabulary, Path)
            found = custom.compute(tag, reader, snapshot.as_of, folder)
        finally:
            engine.close()
        assert found.column_names == ["id", "value"]
        assert found["id"].to_pylist() == [1, 2, 3]
        return list(found["value"].to_pylist())

    return made


@pytest.fixture(scope="module")
def reader(good: Path) -> Iterator[Reader]:
    snapshot = holbein.open(good).store.current()
    vocabulary = build(load(good), collect.inspect(load(good)), {}).vocabulary
    engine = open_engine("duckdb")
    yield Reader(engine, snapshot, vocabulary, Path)
    engine.close()


@pytest.fixture(autouse=True)
def nothing_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No temporary file, and no process that was started in such a folder."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield
    assert list(folder.glob("holbein-tag-*")) == []
    assert strays(folder) == []


MARK = f"60.{os.getpid():07d}"
"""How long a process sleeps that hides all else: tells it from those of other workers."""


def strays(folder: Path) -> list[str]:
    """Command lines of processes whose environment or working folder is of a job."""
    found = []
    for one in PROC.iterdir() if PROC.is_dir() else ():
        if not one.name.isdigit() or int(one.name) == os.getpid():
            continue
        try:
            called = (one / "cmdline").read_text()
            if str(folder).encode() in (one / "environ").read_bytes() or MARK in called:
                found.append(called)
        except OSError:
            continue
    return found


def python(
    code: str, type_: str = "number", keys: str = "time: 20 seconds", **more: str
) -> Changes:
    tag = f"{{tag: own, type: {type_}, python: {{file: own.py, function: score, reads: [revenue, country], {keys}}}}}"
    return {"tags/b.yaml": f"tags:\n  - {tag}\n", "own.py": code, **more}


def sql(query: str, type_: str = "number", keys: str = "time: 20 seconds") -> Changes:
    tag = f"  - tag: own\n    type: {type_}\n    sql:\n      dialect: duckdb\n      {keys}\n      query: |\n"
    lines = "".join(f"        {line}\n" for line in query.splitlines())
    return {"tags/b.yaml": f"tags:\n{tag}{lines}"}


def run(good: Path, tmp_path: Path, changes: Changes) -> bad_input.Answer:
    folder = bad_input.copy(good, tmp_path / "w", changes)
    answer = command("run", "-w", str(folder), "--as-of", AS_OF)
    if answer.code:
        in_force(folder)
    return answer


def fails(compute: Compute, changes: Changes, *told: str) -> None:
    """The tag fails as it should: a TagError of one short line with a place and a hint."""
    with pytest.raises(TagError) as caught:
        compute(changes)
    said = str(caught.value)
    for part in told:
        assert part in said
    assert caught.value.place
    assert caught.value.place.startswith("tags/b.yaml:2")
    assert caught.value.hint
    assert len(said) < 600
    assert "\n" not in said
    assert not any(one in said for one in PERSONAL)


# --- Python: what fails while it runs -------------------------------------------------------------

RETURNS = "def score(table):\n    return "
FAILS = {
    "raises": ("def score(table):\n    rows = table.num_rows\n    raise KeyError('what')\n", "tags/b.yaml:2, own.py:3: tag 'own': score raised KeyError: 'what'"),
    "raises on loading": ("import nothing_of_this_name\ndef score(table): ...\n", "own.py:1: tag 'own': score raised ModuleNotFoundError"),
    "cannot see its neighbours": ("from other import x\ndef score(table): ...\n", "own.py:1: tag 'own': score raised ModuleNotFoundError"),
    "leaves": ("import sys\ndef score(table):\n    sys.exit('enough')\n", "score raised SystemExit: enough"),
    "leaves at once": ("import os\ndef score(table):\n    os._exit(3)\n", "its process ended with code 3 and gave no result"),
    "leaves as if all were well": ("import os\ndef score(table):\n    os._exit(0)\n", "its process ended with code 0 and gave no result"),
    "dies": ("import os, signal\ndef score(table):\n    print('last words', flush=True)\n    os.kill(os.getpid(), signal.SIGSEGV)\n", "signal 11 and gave no result, and last said: last words"),
    "kills its group": ("import os, signal\ndef score(table):\n    os.killpg(0, signal.SIGKILL)\n", "signal 9 and gave no result"),
    "too few": (RETURNS + "[1.0]\n", "own.py: tag 'own': score gives 1 values for 3 rows"),
    "too many": (RETURNS + "[1.0] * 4\n", "score gives 4 values for 3 rows"),
    "texts": (RETURNS + "['a', 'b', 'c']\n", "its values are of Arrow's type string, which is no number"),
    "truths": (RETURNS + "[True, False, None]\n", "type bool, which is no number"),
    "mixture": (RETURNS + "[1, 'a', None]\n", "score gives a list that is no column of values"),
    "nothing": (RETURNS + "None\n", "score gives a NoneType that is no column"),
    "one number": (RETURNS + "5\n", "score gives a int that is no column"),
    "a text": (RETURNS + "'abc'\n", "score gives a str that is no column"),
    "the table": (RETURNS + "table\n", "score gives a Table that is no column"),
    "a square": ("import numpy\n" + RETURNS + "numpy.zeros((3, 3))\n", "score gives a ndarray that is no column"),
    "whole numbers too large": (RETURNS + "[2**53 + 1, 0, 0]\n", "cannot be held as number without a loss"),
    "no function after all": ("def other():\n    score = 1\n", "own.py has no function score (write def score(table):)"),
    "no function but a number": ("score = 3\n", "own.py has no function score"),
    "no result file": ("import os\ndef score(table):\n    os.chdir('/')\n    os.makedirs(os.environ['HOME'] + '/result.arrow')\n    return [1, 2, 3]\n", "gave no result"),
    "a forged result": ("import os\ndef score(table):\n    open(os.environ['HOME'] + '/result.arrow', 'wb').write(b'x' * 5000)\n    os._exit(0)\n", "its result cannot be read"),
    "a long message": ("def score(table):\n    raise ValueError('x\\n' * 100_000)\n", "score raised ValueError: x"),
}  # fmt: skip


@pytest.mark.parametrize("case", FAILS)
def test_a_function_that_fails_is_told(compute: Compute, case: str) -> None:
    code, told = FAILS[case]
    fails(compute, python(code), told)


def test_a_run_with_a_tag_that_fails(good: Path, tmp_path: Path) -> None:
    """The run goes on without it, and says so."""
    code, told = FAILS["raises"]
    made = run(good, tmp_path, python(code))
    assert made.code == 0, made.err
    assert "has no values" in made.err
    assert told in made.err


SLEEP = "    import time\n    time.sleep(60)\n"
FORKS = """\
import os, signal, subprocess, sys
def score(table):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for number in range(3):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                while True:
                    pass
            os._exit(0)
    subprocess.Popen(["sleep", "MARK"], env={}, start_new_session=True, cwd="/")
""".replace("MARK", MARK)
HOGS = {
    "hangs": ("def score(table):\n    while True:\n        pass\n", "time: 1 second", "it takes longer than 1 seconds"),
    "sleeps on loading": ("import time\ntime.sleep(60)\ndef score(table): ...\n", "time: 1 second", "it takes longer"),
    "ignores signals": ("def score(table):\n    import signal\n    signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + SLEEP, "time: 1 second", "it takes longer"),
    "forks and waits": (FORKS + SLEEP, "time: 1 second", "it takes longer"),
    "never runs out of values": ("import itertools\n" + RETURNS + "(None for _ in itertools.count())\n", "time: 2 seconds", ""),
    "a list without end": ("def score(table):\n    kept = []\n    while True:\n        kept.append(bytes(10**6))\n", "memory: 64 MB", "it needs more than 64 MB of memory"),
    "an array at once": ("import numpy\n" + RETURNS + "numpy.ones(10**9)\n", "memory: 64 MB", "it needs more than 64 MB of memory"),
    "children that eat": ("import os, time\ndef score(table):\n    for _ in range(4):\n        if os.fork() == 0:\n            kept = bytearray(os.urandom(1)) * (40 * 10**6)\n            time.sleep(60)\n    time.sleep(60)\n", "memory: 64 MB", "it needs more than 64 MB of memory"),
    "children without end": ("import os, time\ndef score(table):\n    while True:\n        if os.fork() == 0:\n            time.sleep(60)\n        time.sleep(0.002)\n", "time: 20 seconds", "it starts too many processes"),
}  # fmt: skip


@pytest.mark.parametrize("case", HOGS)
def test_a_function_that_takes_too_much_is_stopped(compute: Compute, case: str) -> None:
    code, keys, told = HOGS[case]
    fails(compute, python(code, keys=keys), f"tag 'own': {told}")


def test_children_that_outlive_the_function_are_ended(compute: Compute) -> None:
    assert compute(python(FORKS + "    return [1, 2, 3]\n")) == [1.0, 2.0, 3.0]


def test_a_fork_that_returns_too_is_no_second_answer(compute: Compute) -> None:
    code = "import os\ndef score(table):\n    return [1, 2, 3] if os.fork() else [7, 8, 9]\n"
    assert compute(python(code)) == [1.0, 2.0, 3.0]


def test_megabytes_of_output_hold_no_one_up(compute: Compute) -> None:
    code = "import sys\ndef score(table):\n    for _ in range(100):\n        print('x' * 10**6)\n        print('y' * 10**6, file=sys.stderr)\n    return [1, 2, 3]\n"
    assert compute(python(code)) == [1.0, 2.0, 3.0]


def test_nothing_of_ours_is_in_its_environment(
    compute: Compute, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_SECRET", "hush")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (tmp_path / "planted.py").write_text("x = 1\n")
    code = "import os, sys\ndef score(table):\n    assert 'A_SECRET' not in os.environ and 'PATH' not in os.environ\n    try:\n        import planted\n    except ModuleNotFoundError:\n        return [1, 2, 3]\n"
    assert compute(python(code)) == [1.0, 2.0, 3.0]


@pytest.mark.skipif(not PROC.is_dir(), reason="needs Linux: the guard watches /proc")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_run_that_is_ended_leaves_nothing(good: Path, tmp_path: Path, how: int) -> None:
    temporary = tmp_path / "temporary"
    folder = bad_input.copy(good, tmp_path / "w", python(FORKS + SLEEP, keys="time: 2 minutes"))
    running = subprocess.Popen(
        [sys.executable, "-c", "from holbein.cli import entry; entry()", "run", "-w", str(folder)],
        env=os.environ | {"TMPDIR": str(temporary)},
        stderr=subprocess.DEVNULL,
        # A shell's background job ignores Ctrl-C, and so would all that it starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        wait_until(lambda: len(strays(temporary)) >= 6)
        running.send_signal(how)
        running.wait(timeout=20)
    finally:
        running.kill()
    wait_until(lambda: not strays(temporary) and not list(temporary.glob("holbein-tag-*")))
    in_force(folder)


def wait_until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.05)


# --- Python: what check sees without running anything ---------------------------------------------

UNRUN: dict[str, tuple[Changes, str]] = {
    "no file": (python("") | {"own.py": None}, "tags/b.yaml:2: tag 'own': there is no file own.py"),
    "no function": (python("def scores(table): ...\n"), "own.py has no function score (did you mean scores?)"),
    "bad syntax": (python("x = 1\ndef score(table:\n"), "tags/b.yaml:2, own.py:2: tag 'own': own.py is no Python: "),
    "no text": (python(b"def score(t): ...\n\xff\xfe"), "own.py is no Python"),  # type: ignore[arg-type]
    "null byte": (python("def score(t): ...\n\0"), "own.py is no Python"),
    "return outside": (python("def score(t): ...\nreturn 5\n"), "own.py is no Python: 'return' outside function"),
    "deep": (python("x = " + "(" * 5000 + ")" * 5000 + "\ndef score(t): ...\n"), "own.py is no Python"),
    "unknown reading": (python("def score(t): ...\n", keys="reads: [revenu]").__or__({"tags/b.yaml": "tags:\n  - {tag: own, type: number, python: {file: own.py, function: score, reads: [revenu]}}\n"}), "the kind enterprise has no attribute or tag 'revenu' (did you mean revenue?)"),
}  # fmt: skip
FORMS = {
    "no type": ("{tag: own, python: {file: own.py, function: score, reads: [country]}}", "says which type its values have"),
    "no such type": ("{tag: own, type: money, python: {file: own.py, function: score, reads: [country]}}", "is none of boolean"),
    "up": ("{tag: own, type: number, python: {file: ../own.py, function: score, reads: [country]}}", "does not lie inside the workspace"),
    "down and up": ("{tag: own, type: number, python: {file: a/../../own.py, function: score, reads: [country]}}", "does not lie inside"),
    "absolute": ("{tag: own, type: number, python: {file: /etc/own.py, function: score, reads: [country]}}", "does not lie inside"),
    "absolute elsewhere": ("{tag: own, type: number, python: {file: 'C:\\own.py', function: score, reads: [country]}}", "does not lie inside"),
    "link": ("{tag: own, type: number, python: {file: link.py, function: score, reads: [country]}}", "link.py leads out of the workspace"),
    "link in a circle": ("{tag: own, type: number, python: {file: circle.py, function: score, reads: [country]}}", "circle.py can't be read"),
    "folder": ("{tag: own, type: number, python: {file: dir.py, function: score, reads: [country]}}", "dir.py is no file"),
    "no Python": ("{tag: own, type: number, python: {file: holbein.yaml, function: score, reads: [country]}}", "is no Python file"),
    "no name": ("{tag: own, type: number, python: {file: own.py, function: 'os.system', reads: [country]}}", "is not a name"),
    "reads nothing": ("{tag: own, type: number, python: {file: own.py, function: score, reads: []}}", "it is empty"),
    "itself": ("{tag: own, type: number, python: {file: own.py, function: score, reads: [own]}}", "tag 'own' depends on itself"),
    "of another kind": ("{tag: own, type: number, python: {file: own.py, function: score, reads: [title]}}", "the kind enterprise has no attribute or tag 'title'"),
    "no time": ("{tag: own, type: number, python: {file: own.py, function: score, reads: [country], time: soon}}", "'soon' is no limit of time"),
    "no time at all": ("{tag: own, type: number, python: {file: own.py, function: score, reads: [country], time: 0 seconds}}", "out of range"),
    "too long": ("{tag: own, type: number, python: {file: own.py, function: score, reads: [country], time: 2 days}}", "is no limit of time"),
    "no memory": ("{tag: own, type: number, python: {file: own.py, function: score, reads: [country], memory: 1 KB}}", "'1 KB' is no limit of memory"),
    "no dialect": ("{tag: own, type: number, sql: {query: SELECT 1}}", "dialect is missing"),
    "other dialect": ("{tag: own, type: number, sql: {dialect: spark, query: SELECT 1}}", "is none of duckdb"),
    "an attribute": ("{tag: own, type: number, sql: {dialect: duckdb, query: 'SELECT id, 1 AS value FROM enterprise', reads: country}}", "leave it out: the table enterprise has it"),
    "an unknown tag": ("{tag: own, type: number, sql: {dialect: duckdb, query: 'SELECT id, 1 AS value FROM enterprise', reads: role.country}}", "the kind role has no tag 'country'"),
}  # fmt: skip


@pytest.mark.parametrize("case", UNRUN)
def test_check_tells_what_is_wrong_with_a_file(good: Path, tmp_path: Path, case: str) -> None:
    changes, told = UNRUN[case]
    folder = bad_input.copy(
        good, tmp_path / "w", {k: v for k, v in changes.items() if v is not None}
    )
    refused(command("check", "-w", str(folder)), told)


@pytest.mark.parametrize("case", FORMS)
def test_check_tells_what_is_wrong_with_a_definition(good: Path, tmp_path: Path, case: str) -> None:
    line, told = FORMS[case]
    code = "raise SystemExit('run')\ndef score(t): ...\n"
    folder = bad_input.copy(
        good, tmp_path / "w", {"tags/b.yaml": f"tags:\n  - {line}\n", "own.py": code}
    )
    (tmp_path / "out.py").write_text(code)
    (folder / "link.py").symlink_to(tmp_path / "out.py")
    (folder / "circle.py").symlink_to("circle.py")
    (folder / "dir.py").mkdir()
    hint = case not in ("no such type", "reads nothing", "other dialect")
    refused(command("check", "-w", str(folder)), told, hint=hint)


# --- SQL: what fails while it runs ----------------------------------------------------------------

ENDLESS = "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT max(n) AS id, 1 AS value FROM r"
SQL_FAILS = {
    "never ends": (ENDLESS, "number", "time: 1 second", "it takes longer than 1 seconds"),
    "crosses": ("WITH n AS (SELECT unnest(range(100000)) AS i) SELECT sum(a.i * b.i * c.i) % 3 + 1 AS id, 1 AS value FROM n a, n b, n c", "number", "time: 1 second", "it takes longer"),
    "a great list": ("SELECT id, len(range(id * 1000000000)) AS value FROM enterprise", "number", "memory: 64 MB", "memory"),
    "grows": ("WITH n AS (SELECT unnest(range(10000000)) AS i) SELECT 1 AS id, len(string_agg(i::VARCHAR || repeat('x', 500), '')) AS value FROM n", "number", "memory: 128 MB", "memory"),
    "no such column": ("SELECT id, turnover AS value FROM enterprise", "number", "", 'DuckDB says: Binder Error: Referenced column "turnover" not found'),
    "keeps nothing back": ("SELECT enterprise AS id, max(known_at) AS value FROM orders GROUP BY 1", "date", "", "DuckDB says: Binder Error"),
    "types that do not meet": ("SELECT id, name + 1 AS value FROM enterprise", "number", "", "tag 'own'"),
    "someone's name as a number": ("SELECT enterprise AS id, min(name::INTEGER) AS value FROM role JOIN person ON person.id = person GROUP BY 1", "number", "", "the query fails on the data (Conversion Error)"),
    "ids of nobody": ("SELECT id + 100 AS id, 1 AS value FROM enterprise", "number", "", "3 of its ids are of no enterprise"),
    "ids missing": ("SELECT parent.ancestor AS id, 1 AS value FROM enterprise LEFT JOIN ancestor parent ON parent.enterprise = id AND id = 1", "number", "", "of its rows have no id"),
    "ids twice": ("SELECT enterprise AS id, amount AS value FROM orders", "number", "", "it gives the same id several times"),
    "ids without end": ("SELECT unnest(range(1, 1000)) + unnest(range(1, 1000)) AS id, 1 AS value", "number", "", "of its ids are of no enterprise"),
    "ids of texts": ("SELECT name AS id, 1 AS value FROM enterprise", "number", "", "its ids are of Arrow's type string"),
    "texts for numbers": ("SELECT id, name AS value FROM enterprise", "number", "", "type string, which is no number"),
    "numbers for texts": ("SELECT id, employees AS value FROM enterprise", "category", "", "type double, which is no category"),
    "numbers for truths": ("SELECT id, 1 AS value FROM enterprise", "boolean", "", "which is no boolean"),
    "times for dates": ("SELECT id, as_of() - INTERVAL 1 HOUR AS value FROM enterprise", "date", "", "cannot be held as date without a loss"),
    "texts for lists": ("SELECT id, name AS value FROM enterprise", "categories", "", "which is no categories"),
    "other columns": ("SELECT * FROM enterprise", "number", "", "the query gives the columns id,"),
}  # fmt: skip


@pytest.mark.parametrize("case", SQL_FAILS)
def test_a_query_that_fails_is_told(compute: Compute, case: str) -> None:
    query, type_, keys, told = SQL_FAILS[case]
    fails(compute, sql(query, type_, keys or "time: 20 seconds"), told)


def answers(reader: Reader, statements: Sequence[str], folder: Path) -> list[str | None]:
    """What the sealed engine says to each statement: None, or its error."""
    names = {"enterprise": ["products", "tier"], "person": [], "role": []}
    found = tables_at(list(TABLES), names, reader, reader.tables.as_of)  # type: ignore[arg-type]
    files = {name: reader.tables.files(name) for _, name in found.values()}
    views = {name: select for name, (select, _) in found.items()}
    sealed = seal(
        views, files, "SELECT 1", reader.tables.as_of, memory=10**9, folder=folder, rows=9
    )
    connection = duckdb.connect(config=dict(sealed.config))
    for one in sealed.prepare:
        connection.execute(one)
    said: list[str | None] = []
    for one in statements:
        try:
            connection.execute(one).fetchall()
            said.append(None)
        except duckdb.Error as error:
            said.append(str(error))
    return said


def test_honest_queries_run(reader: Reader, tmp_path: Path) -> None:
    assert set(answers(reader, [vet(one, TABLES).query for one in HONEST], tmp_path)) == {None}


OUTSIDE = (
    "FROM read_text('/etc/passwd')", "FROM read_csv('{file}')", "FROM read_parquet('{file}')",
    "FROM '{file}'", "FROM glob('/etc/*')", "FROM read_blob('/proc/self/environ')",
    "FROM read_csv('https://example.org/x.csv')", "FROM 's3://bucket/x.parquet'",
    "COPY orders TO '{file}.csv'", "COPY (SELECT 1) TO '/tmp/x.csv'", "ATTACH '{file}.db'",
    "ATTACH 'https://example.org/x.db'", "INSTALL httpfs", "LOAD httpfs", "LOAD '/tmp/x.duckdb_extension'",
    "SET enable_external_access = true", "SET allowed_paths = ['/etc/passwd']", "SET threads = 1",
    "RESET memory_limit", "SET lock_configuration = false", "EXPORT DATABASE '/tmp/x'",
    "SELECT getenv('HOME')", "FROM sniff_csv('{file}')", "FROM parquet_metadata('{file}')",
    "CREATE SECRET (TYPE s3)", "PRAGMA enable_profiling", "SET home_directory = '/'",
)  # fmt: skip


def test_what_vetting_would_let_by_the_engine_refuses(reader: Reader, tmp_path: Path) -> None:
    """The second wall alone: the statements run as they are, on the sealed engine."""
    file = next(iter(reader.tables.files("alias")))
    said = answers(reader, [one.format(file=file) for one in OUTSIDE], tmp_path)
    assert [one for one, told in zip(OUTSIDE, said, strict=True) if told is None] == []
