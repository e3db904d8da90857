"""Bad input, part 4: arguments. Every command with wrong ones, and the library with their like.

Wrong usage exits with 2 and says how it goes; what only the workspace can tell exits with 1 and one
line. Nothing is changed by either.
"""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import typer

import holbein
from holbein import cli
from holbein.errors import HolbeinError
from tests.support import bad_input
from tests.support.bad_input import accepted, command, in_force, misused, process, refused

HALF = "\udcff"
"""What Python makes of a byte of the command line that is no UTF-8."""


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bad_input.make(tmp_path_factory.mktemp("arguments") / "good")


@pytest.fixture
def folder(good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the workspace, which is also where one is."""
    made = bad_input.copy(good, tmp_path / "ws")
    monkeypatch.chdir(made)
    return made


# --- wrong usage: 2 -------------------------------------------------------------------------------

MISUSED = {
    "": ["nope", "--version-of-nothing"],
    "init": ["init", "init a b", "init a --x"],
    "check": ["check a", "check --x", "check -w"],
    "run": ["run a", "run --x", "run --as-of", "run --full=5"],
    "tags": ["tags a", "tags --x", "tags --lang fr", "tags --lang"],
    "runs": ["runs a", "runs --x", "runs --lang fr"],
    "tag show": ["tag show", "tag show a b", "tag show a --on company", "tag show a --run x", "tag show a --lang fr"],
    "tag add": ["tag", "tag nope", "tag add", "tag add x", "tag add x big --on company", "tag add x big y"],
    "tag import": ["tag import", "tag import a", "tag import a b --on x", "tag import a b --type text", "tag import a b c", "tag import a b --value", "tag import a b --sheet"],
    "pack list": ["pack", "pack nope", "pack list a", "pack list --x"],
    "pack show": ["pack show", "pack show a b", "pack show --x"],
    "pack add": ["pack add", "pack add a b", "pack add a --use", "pack add a --without", "pack add a -w"],
    "facts": ["facts", "facts enterprise", "facts enterprise C1", "facts company C1 big", "facts audience bosses big", "facts enterprise C1 big x", "facts enterprise C1 big --run x"],
    "count": ["count", "count big big", "count big --x", "count big --on company", "count big --on", "count -w . "],
    "select": ["select", "select big big", "select big --on company", "select big --columns", "select big -o", "select big --x",
               "select big --limit", "select big --limit x", "select big --by country", "select big --per country",
               "select big --lowest", "select big --salt s"],
    "explain": ["explain", "explain big big", "explain big --lang de", "explain big --on x"],
    "portrait": ["portrait", "portrait enterprise", "portrait company C1", "portrait enterprise C1 --lang fr",
                 "portrait enterprise C1 --run x", "portrait enterprise C1 --run 1.5", "portrait enterprise C1 --html",
                 "portrait enterprise C1 --base bosses", "portrait enterprise C1 C2", "portrait enterprise C1 --cross big tier",
                 "portrait audience bosses --cross big", "portrait enterprise C1 --against bosses", "portrait audience bosses --against",
                 "portrait audience bosses --against bosses --base bosses", "portrait enterprise C1 --since 1", "portrait enterprise C1 --roles", "portrait audience a --roles --against b",
                 "portrait audience a --roles --cross b c", "portrait audience bosses --since",
                 "portrait audience bosses --since 1 --cross big tier"],
    "audience list": ["audience", "audience nope", "audience list a", "audience list --lang fr"],
    "audience freeze": ["audience freeze", "audience freeze a", "audience freeze a --as", "audience freeze --as b"],
    "audience split": ["audience split", "audience split a", "audience split a --into 2", "audience split a --as b",
                       "audience split a --into x --as b", "audience split a --into 2 --as b --salt"],
    "audience like": ["audience like", "audience like a", "audience like a --as", "audience like a --as b --size x",
                      "audience like a b --as c", "audience like a --as b --lang fr"],
    "audience overlap": ["audience overlap", "audience overlap a b --lang fr", "audience overlap a b --x", "audience overlap a b --html"],
    "audience history": ["audience history", "audience history a b", "audience history a --lang fr"],
    "audience import": ["audience import", "audience import a", "audience import a b", "audience import a b --on x",
                        "audience import a b --on", "audience import a b --on role --key", "audience import a b --on role --rejects",
                        "audience import a b --on role --sheet"],
    "quarantine list": ["quarantine", "quarantine nope", "quarantine list a"],
    "quarantine show": ["quarantine show a b", "quarantine show --limit 0", "quarantine show --limit -1", "quarantine show --limit x"],
    "quarantine replay": ["quarantine replay a", "quarantine replay --x"],
    "demo": ["demo a b", "demo --enterprises 1", "demo --enterprises x", "demo --seed 1.5", "demo --seed"],
}  # fmt: skip


def test_every_command_is_tried() -> None:
    group = typer.main.get_command(cli.app)
    names = set()
    for name, one in group.commands.items():  # type: ignore[attr-defined]
        below = getattr(one, "commands", None)
        names |= {f"{name} {inner}" for inner in below} if below else {name}
    assert names == set(MISUSED) - {""}


@pytest.mark.parametrize("text", [one for some in MISUSED.values() for one in some])
def test_wrong_usage_is_told_with_the_usage(folder: Path, text: str) -> None:
    answer = command(*text.split())
    if answer.err.startswith("Error: Option"):  # the parser knows no more where a value is missing
        answer = bad_input.Answer(answer.code, answer.out, f"Usage: holbein\n{answer.err}")
    misused(answer)
    in_force(folder)
    assert sorted(one.name for one in folder.iterdir()) == ["audiences", "crm", "data", "holbein.yaml", "sources", "tags"]  # fmt: skip


def test_a_null_byte_is_no_path(folder: Path) -> None:
    for text in ("check -w a\0b", "select big -o a\0b.csv", "portrait enterprise C1 --html a\0b", "init a\0b", "demo a\0b"):  # fmt: skip
        misused(command(*text.split(" ")), "null byte")


@pytest.mark.parametrize("text", ["", "nope", "count", "run --as-of"])
def test_wrong_usage_in_a_process_of_its_own(folder: Path, text: str) -> None:
    answer = process(*text.split(), folder=folder)
    assert (answer.code, answer.out) == (2, "")
    assert "Traceback" not in answer.err
    assert answer.err


# --- what only the workspace can tell: 1 ----------------------------------------------------------

REFUSED: dict[str, tuple[list[str], str]] = {
    # a condition in each place that takes one
    "as-of: no date": (["run", "--as-of", "nonsense"], "'nonsense' is not a date (write it as 2026-06-30)"),
    "as-of: empty": (["run", "--as-of", ""], "'' is not a date"),
    "as-of: no month": (["run", "--as-of", "2024-13-01"], "is not a date"),
    "as-of: no leap year": (["run", "--as-of", "1900-02-29"], "is not a date"),
    "as-of: year 0": (["run", "--as-of", "0000-01-01"], "is not a date"),
    "as-of: without dashes": (["run", "--as-of", "20240630"], "is not a date"),
    "as-of: a week": (["run", "--as-of", "2024-W01-1"], "is not a date"),
    "as-of: a time": (["run", "--as-of", "2024-01-01T00:00"], "is not a date"),
    "as-of: half a character": (["run", "--as-of", HALF], "is not a date"),
    "as-of: the first day": (["run", "--as-of", "0001-01-01"], "give a day from 0001-01-03 to 9999-12-30"),
    "as-of: the last day": (["run", "--as-of", "9999-12-31"], "give a day from 0001-01-03 to 9999-12-30"),
    "columns: unknown": (["select", "big", "--columns", "contry"], "there is no column 'contry' on enterprise (did you mean country?)"),
    "columns: nothing near": (["select", "big", "--columns", "*"], "holbein tags lists the tags"),
    "columns: none": (["select", "big", "--columns", ""], "there is no column ''"),
    "columns: a comma": (["select", "big", "--columns", "country,"], "there is no column ''"),
    "columns: twice": (["select", "big", "--columns", "country,country"], "is named twice"),
    "columns: of another kind": (["select", "big", "--columns", "title"], "there is no column 'title'"),
    "columns: half a character": (["select", "big", "--columns", HALF], "there is no column"),
    "limit: none": (["select", "big", "--limit", "0"], "nobody is asked for"),
    "limit: below": (["select", "big", "--limit", "-1"], "nobody is asked for"),
    "limit: by nothing": (["select", "big", "--limit", "3", "--by", ""], "there is no attribute or tag ''"),
    "limit: by labels": (["select", "big", "--limit", "3", "--by", "country"], "the labels of country have no order"),
    "limit: per unknown": (["select", "big", "--limit", "3", "--per", "contry"], "did you mean country?"),
    "limit: lowest of nothing": (["select", "big", "--limit", "3", "--lowest"], "lowest of what?"),
    "limit: half a character": (["select", "big", "--limit", "3", "--per", HALF], "there is no attribute or tag"),
    "like: unknown": (["audience", "like", "bsses", "--as", "x"], "did you mean bosses?"),
    "like: few": (["audience", "like", "bosses", "--as", "x"], "too few to look for others like them"),
    "like: nobody": (["audience", "like", "bosses", "--as", "x", "--size", "0"], "nobody is asked for"),
    "like: no name": (["audience", "like", "bosses", "--as", ""], "this is no name for a list"),
    "like: among the unknown": (["audience", "like", "bosses", "--as", "x", "--base", "bsses"], "did you mean bosses?"),
    "split: unknown": (["audience", "split", "bsses", "--into", "2", "--as", "x"], "did you mean bosses?"),
    "split: one": (["audience", "split", "bosses", "--into", "1", "--as", "x"], "1 parts cannot be made (split into 2 to 100 parts"),
    "split: many": (["audience", "split", "bosses", "--into", "101", "--as", "x"], "101 parts cannot be made"),
    "split: no name": (["audience", "split", "bosses", "--into", "2", "--as", ""], "this is no name for a list"),
    "split: a line": (["audience", "split", "bosses", "--into", "2", "--as", "a\nb"], "this is no name for a list"),
    "split: half a character": (["audience", "split", "bosses", "--into", "2", "--as", "x", "--salt", HALF], "cannot be used in a condition"),
    "overlap: one": (["audience", "overlap", "bosses"], "1 audiences cannot be compared"),
    "overlap: twice": (["audience", "overlap", "bosses", "bosses"], "bosses is named twice"),
    "overlap: unknown": (["audience", "overlap", "bosses", "bsses"], "did you mean bosses?"),
    "history: unknown": (["audience", "history", "bsses"], "did you mean bosses?"),
    "history: half a character": (["audience", "history", HALF], "there is no audience"),
    "out: no folder": (["select", "big", "-o", "no/such/x.csv"], "no/such: the folder does not exist (make it first"),
    "out: unknown ending": (["select", "big", "-o", "x.pdf"], "x.pdf: the ending .pdf is not known (use one of .csv, .xlsx, .parquet, .json"),
    "out: near ending": (["select", "big", "-o", "x.xls"], "did you mean .xlsx?"),
    "out: no ending": (["select", "big", "-o", "x"], "the file name has no ending"),
    "out: empty": (["select", "big", "-o", ""], "the file name has no ending"),
    "out: a folder": (["select", "big", "-o", "crm.csv"], "this is a folder"),
    "out: a long name": (["select", "big", "-o", "x" * 300 + ".csv"], "no usable file name"),
    "html: no folder": (["portrait", "enterprise", "C1", "--html", "no/x.html"], "no/x.html: the page cannot be written"),
    "html: a folder": (["portrait", "enterprise", "C1", "--html", "crm"], "crm: the page cannot be written"),
    "id: unknown": (["portrait", "enterprise", "C11"], "there is no enterprise 'C11' (did you mean C1?)"),
    "id: never given": (["portrait", "enterprise", "E99"], "there is no enterprise 'E99'"),
    "id: empty": (["portrait", "enterprise", ""], "there is no enterprise ''"),
    "id: of another kind": (["portrait", "enterprise", "P1"], "there is no enterprise 'P1'"),
    "id: a source": (["portrait", "enterprise", "crm:"], "there is no enterprise 'crm:'"),
    "id: without end": (["portrait", "enterprise", "E" + "9" * 5_000], "there is no enterprise 'E999"),
    "id: SQL": (["portrait", "person", "'; DROP TABLE x --"], "there is no person"),
    "id: half a character": (["portrait", "role", HALF], "there is no role '\\udcff'"),
    "id: null byte": (["portrait", "role", "a\0"], "there is no role 'a\\x00'"),
    "run: none": (["portrait", "enterprise", "C1", "--run", "99"], "there is no version 99 (kept are 1)"),
    "run: zero": (["portrait", "enterprise", "C1", "--run", "0"], "there is no version 0"),
    "run: below": (["portrait", "enterprise", "C1", "--run", "-1"], "there is no version -1"),
    "run: without end": (["portrait", "audience", "bosses", "--run", "9" * 30], "there is no version 999"),
    "run: gone, counted": (["count", "big", "--run", "99"], "there is no version 99 (kept are 1)"),
    "run: gone, selected": (["select", "big", "--run", "99"], "there is no version 99 (kept are 1)"),
    "run: gone, explained": (["explain", "big", "--run", "99"], "there is no version 99 (kept are 1)"),
    "run: gone, its tags": (["tags", "--run", "99"], "there is no version 99 (kept are 1)"),
    "run: gone, its tag": (["tag", "show", "big", "--run", "99"], "there is no version 99 (kept are 1)"),
    "run: gone, its audiences": (["audience", "list", "--run", "99"], "there is no version 99 (kept are 1)"),
    "tag: unknown": (["tag", "show", "bigg"], "there is no tag 'bigg' on enterprise (did you mean big?)"),
    "tag: of another kind": (["tag", "show", "big", "--on", "person"], "there is no tag 'big' on person (it is a tag of another kind: --on enterprise)"),
    "tag: an attribute": (["tag", "show", "country"], "there is no tag 'country' on enterprise"),
    "tag: half a character": (["tag", "show", HALF], "there is no tag '\\udcff'"),
    "import: a name that is none": (["tag", "import", "a b", "crm.csv"], "'a b' is not a name"),
    "import: a tag of ours": (["tag", "import", "big", "crm.csv"], "there is a tag 'big' on enterprise already"),
    "import: a type without values": (["tag", "import", "x", "crm.csv", "--type", "date"], "say where the values are: --value COLUMN"),
    "import: no file": (["tag", "import", "x", "none.csv"], "none.csv: there is no such file"),
    "import: a sheet of no Excel file": (["tag", "import", "x", "crm/companies.csv", "--sheet", "2"], "only an Excel file has sheets (leave --sheet out)"),
    "import: rejects nowhere": (["tag", "import", "x", "none.csv", "--rejects", "no/r.csv"], "the folder does not exist"),
    "facts: an unknown tag": (["facts", "enterprise", "C1", "bigg"], "there is no tag 'bigg' on enterprise (did you mean big?)"),
    "facts: of nobody": (["facts", "enterprise", "C99", "big"], "there is no enterprise 'C99'"),
    "facts: a run that is gone": (["facts", "enterprise", "C1", "big", "--run", "99"], "there is no version 99 (kept are 1)"),
    "pack: unknown": (["pack", "show", "wholesail"], "there is no pack 'wholesail' (did you mean wholesale?)"),
    "pack: half a character": (["pack", "add", HALF], "there is no pack '\\udcff' (the packs are standard"),
    "pack: nothing fits": (["pack", "add", "securities"], "no tag of the pack securities fits this workspace (there is no trades"),
    "pack: no pair": (["pack", "add", "standard", "--use", "orders"], "'orders' does not say what is called how (write --use orders=invoices)"),
    "pack: twice": (["pack", "add", "standard", "--use", "orders=a", "--use", "orders=b"], "--use names orders twice"),
    "pack: no such part": (["pack", "add", "standard", "--use", "amont=x"], "no part 'amont' (did you mean amount?)"),
    "pack: no such stream": (["pack", "add", "standard", "--use", "orders=oders"], "no stream or event 'oders' (did you mean orders?)"),
    "pack: a name of half a character": (["pack", "add", "standard", "--use", f"orders={HALF}"], "no stream or event '\\udcff'"),
    "pack: no such tag": (["pack", "add", "standard", "--without", "sales"], "has no tag 'sales'"),
    "audience: unknown": (["portrait", "audience", "big one"], "there is no audience 'big one' (did you mean big ones?)"),
    "audience: nothing near": (["portrait", "audience", HALF], "list them with `holbein audience list`"),
    "audience: base unknown": (["portrait", "audience", "big ones", "--base", "boses"], "did you mean bosses?"),
    "audience: base of another kind": (["portrait", "audience", "big ones", "--base", "bosses"], "compare audiences of one kind"),
    "cross: unknown": (["portrait", "audience", "big ones", "--cross", "big", "teir"], "there is no attribute or tag 'teir' on enterprise (did you mean tier?)"),
    "cross: with itself": (["portrait", "audience", "big ones", "--cross", "tier", "tier"], "tier cannot be crossed with itself (name two different tags"),
    "cross: half a character": (["portrait", "audience", "big ones", "--cross", "tier", HALF], "there is no attribute or tag"),
    "against: unknown": (["portrait", "audience", "big ones", "--against", "boses"], "did you mean bosses?"),
    "against: of another kind": (["portrait", "audience", "big ones", "--against", "bosses"], "compare audiences of one kind"),
    "against: half a character": (["portrait", "audience", "big ones", "--against", HALF], "there is no audience"),
    "roles: of roles": (["portrait", "audience", "bosses", "--roles"], "a role has one person and one enterprise"),
    "roles: base of another kind": (["portrait", "audience", "big ones", "--roles", "--base", "bosses"], "compare audiences of one kind"),
    "since: gone": (["portrait", "audience", "big ones", "--since", "99"], "there is no version 99 (kept are 1)"),
    "since: the same run": (["portrait", "audience", "big ones", "--since", "1"], "run 1 is compared with itself (name an earlier run"),
    "since: too early": (["portrait", "audience", "big ones", "--since", "2024-06-29"], "no run is kept that was as of 2024-06-29 or before (the earliest is as of 2024-06-30"),
    "since: no date": (["portrait", "audience", "big ones", "--since", "-1"], "'-1' is not a date"),
    "since: half a character": (["portrait", "audience", "big ones", "--since", HALF], "is not a date"),
    "since: without end": (["portrait", "audience", "big ones", "--since", "9" * 5_000], "is not a date"),
    "since: unknown": (["portrait", "audience", "big one", "--since", "2024-06-30"], "did you mean big ones?"),
    "freeze: unknown": (["audience", "freeze", "big one", "--as", "x"], "did you mean big ones?"),
    "freeze: no name": (["audience", "freeze", "big ones", "--as", ""], "this is no name for a list"),
    "freeze: a line": (["audience", "freeze", "big ones", "--as", "a\nb"], "this is no name for a list"),
    "freeze: half a character": (["audience", "freeze", "big ones", "--as", HALF], "this is no name for a list"),
    "freeze: right-to-left mark": (["audience", "freeze", "big ones", "--as", "\u202ex"], "this is no name for a list"),
    "freeze: taken": (["audience", "freeze", "big ones", "--as", "bosses"], "'bosses' is the name of an audience"),
    "freeze: taken but for case": (["audience", "freeze", "big ones", "--as", "Big Ones"], "'Big Ones' differs only in case from the audience 'big ones'"),
    "quarantine: unknown source": (["quarantine", "show", "crn"], "nothing of a source 'crn' is in quarantine"),
    "demo: seed": (["demo", "d", "--no-serve", "--seed", "-1"], "not negative"),
    "demo: a workspace": (["demo", ".", "--no-serve"], ". holds other files (name a folder"),
    "demo: a file": (["demo", "holbein.yaml", "--no-serve"], "holbein.yaml is a file"),
    "demo: below a file": (["demo", "holbein.yaml/x", "--no-serve"], "the demo cannot be made"),
    "demo: a long name": (["demo", "x" * 300, "--no-serve"], "the demo cannot be made"),
    "demo: half a character": (["demo", HALF, "--no-serve"], "not UTF-8"),
    "init: a workspace": (["init", "."], ". is a workspace already (look at it with"),
    "init: other things": (["init", "crm"], "crm is not empty"),
    "init: a file": (["init", "holbein.yaml"], "holbein.yaml is a file"),
    "init: below a file": (["init", "holbein.yaml/x"], "the workspace cannot be made"),
    "init: a long name": (["init", "x" * 300], "the workspace cannot be made"),
    "init: half a character": (["init", HALF], "not UTF-8"),
}  # fmt: skip


@pytest.mark.parametrize(("arguments", "told"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_exist_is_told(folder: Path, arguments: list[str], told: str) -> None:
    (folder / "crm.csv").mkdir()
    before = sorted(folder.rglob("*"))
    refused(command(*arguments), told)
    in_force(folder)
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize(
    "name", ["as-of: no date", "out: no folder", "id: half a character", "init: a workspace"]
)
def test_in_a_process_of_its_own(folder: Path, name: str) -> None:
    arguments, told = REFUSED[name]
    refused(process(*(os.fsencode(one) for one in arguments), folder=folder), told)


NOWHERE = {
    "absent": ("absent", "there is no folder absent (make one with: holbein init absent)"),
    "a file": ("holbein.yaml", "holbein.yaml is a file, and a workspace is a folder"),
    "no workspace": ("crm", "crm is no workspace: it holds no holbein.yaml"),
    "a long name": ("x" * 300, "the folder cannot be used: File name too long"),
    "half a character": (HALF, "the folder has a name that is not UTF-8"),
    "a device": ("/dev/null", "/dev/null is a file"),
}
ASKING = [
    ["check"], ["run"], ["tags"], ["tags", "--json"], ["runs"], ["tag", "show", "big"], ["tag", "add", "x", "big"], ["tag", "import", "x", "crm/companies.csv"], ["pack", "add", "standard"], ["count", "big"], ["select", "big"],
    ["explain", "big"], ["portrait", "enterprise", "C1"], ["portrait", "audience", "bosses"], ["facts", "enterprise", "C1", "big"], ["audience", "list"],
    ["audience", "freeze", "bosses", "--as", "x"], ["audience", "import", "x", "crm/companies.csv", "--on", "enterprise"],
    ["quarantine", "list"], ["quarantine", "show"], ["quarantine", "replay"],
]  # fmt: skip


@pytest.mark.parametrize(("where", "told"), NOWHERE.values(), ids=NOWHERE)
def test_a_workspace_that_is_none(folder: Path, where: str, told: str) -> None:
    for arguments in ASKING:
        refused(command(*arguments, "-w", where), told)
    with pytest.raises(HolbeinError) as caught:
        holbein.open(where)
    assert told in str(caught.value)


def test_a_workspace_that_never_ran(good: Path, tmp_path: Path) -> None:
    folder = tmp_path / "never"
    bad_input.write_workspace(folder, bad_input.FILES)
    for arguments in ASKING:
        if arguments[0] not in ("check", "run", "runs", "tag", "pack"):
            said = refused(command(*arguments, "-w", str(folder)))
            assert said == "error: there is no version yet (run `holbein run` first)"
    assert not (folder / "data").exists()


def test_a_workspace_of_nothing_is_no_mistake(tmp_path: Path) -> None:
    at = str(tmp_path / "new")
    for arguments in (["init", at], ["check", "-w", at], ["run", "-w", at], ["tags", "-w", at], ["audience", "list", "-w", at],
                      ["quarantine", "list", "-w", at], ["quarantine", "replay", "-w", at]):  # fmt: skip
        accepted(command(*arguments))
    assert accepted(command("count", "TRUE", "-w", at)) == "0\n"
    refused(command("portrait", "enterprise", "E1", "-w", at), "there is no enterprise 'E1'")


# --- files that are no list -----------------------------------------------------------------------

LISTS: dict[str, tuple[str, bytes | None, str]] = {
    "absent": ("x.csv", None, "x.csv: there is no such file"),
    "empty": ("x.csv", b"", "x.csv: the file is empty"),
    "titles only": ("x.csv", b"id\n", "no rows below its titles"),
    "no ids": ("x.csv", b"name,mail\nAnn Secret,ann@example.org\n", "no row names an enterprise of this workspace"),
    "bytes": ("x.csv", b"\0\1\2" * 100, "this is no text file"),
    "an open quote": ("x.csv", b'id\n"C9\n', "no row names"),
    "a long cell": ("x.csv", b"id\n" + b"x" * 1_100_000 + b"\n", "x.csv, line 2: the line cannot be read"),
    "no Excel": ("x.xlsx", b"PK\3\4junk", "this is no Excel file"),
    "no Parquet": ("x.parquet", b"PAR1junkPAR1", "this is no Parquet file"),
    "no JSON": ("x.json", b'[{"id": "C1"},\n {"id": }]', "x.json, line 2, row 2: the JSON cannot be read: expecting value"),
    "JSON in the middle": ("x.jsonl", b'{"id": "C1"}\n{"id": "C', "x.jsonl, line 2, row 2: the JSON cannot be read: unterminated string"),
    "JSON of nothing": ("x.json", b" [ ]\n", "x.json: the file is empty"),
    "JSON around a list": ("x.json", b'{"data": [{"id": "C1"}]}', "the list stands inside an object"),
    "JSON of texts": ("x.json", b'["C1"]', "x.json, line 1, row 1: the JSON cannot be read: this is no object"),
    "JSON without an end": ("x.json", b"[" * 100_000, "it is nested too deeply"),
    "a key twice in JSON": ("x.json", b'[{"id": "C1", "id": "C2"}]', "the object names 'id' twice"),
    "half a character in JSON": ("x.json", b'[{"id": "C1", "x": "\\ud83d"}]', "a text holds half a character"),
    "bytes as JSON": ("x.json", b"\0\1\2" * 100, "this is no text file"),
    "no ids in JSON": ("x.json", b'[{"id": {"is": "C1"}, "n": 1e999, "m": NaN}]', "no row names an enterprise of this workspace"),
    "of no known kind": ("x.doc", b"id\nC1\n", "give a .csv, .xlsx, .parquet or .json file"),
    "without an ending": ("x", b"id\nC1\n", "give a .csv, .xlsx, .parquet or .json file"),
    "definitions": ("holbein.yaml", b"", "this is no file that can be imported"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "content", "told"), LISTS.values(), ids=LISTS)
def test_a_file_that_is_no_list(folder: Path, name: str, content: bytes | None, told: str) -> None:
    if content is not None and name != "holbein.yaml":
        (folder / name).write_bytes(content)
    refused(command("audience", "import", "mine", name, "--on", "enterprise"), told, hint=False)
    assert not (folder / "data" / "lists").exists()
    in_force(folder)


def test_a_sheet_that_is_none_of_the_file(folder: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Notes"
    book.create_sheet("名单").append(["id"])
    book["名单"].append(["C1"])
    book.save(folder / "x.xlsx")
    brought = ["audience", "import", "mine", "x.xlsx", "--on", "enterprise"]
    for arguments, told in (
        ([], "x.xlsx: the sheet 'Notes' is empty (its sheets are 'Notes', '名单')"),
        (["--sheet", "Note"], "x.xlsx: the file has no sheet 'Note' (its sheets are 'Notes', '名单')"),
        (["--sheet", "3"], "the file has no sheet '3'"), (["--sheet", "0"], "the file has no sheet '0'"),
        (["--sheet", "-1"], "the file has no sheet '-1'"), (["--sheet", ""], "the file has no sheet ''"),
        (["--sheet", "9" * 5000], "the file has no sheet '9999"),
    ):  # fmt: skip
        refused(command(*brought, *arguments), told, hint=False)
    for asked in ("2", "名单"):
        accepted(command(*brought, "--sheet", asked))
    in_force(folder)


def test_places_that_are_no_list(folder: Path) -> None:
    (folder / "x.csv").mkdir()
    for name, told in (
        ("x.csv", "x.csv: this is a folder"),
        ("x" * 300 + ".csv", "File name too long"),
    ):
        refused(command("audience", "import", "mine", name, "--on", "enterprise"), told, hint=False)
    with pytest.raises(HolbeinError, match="no such file"):
        holbein.open(folder).import_list("mine", "a\0.csv", "enterprise")


def test_a_list_with_a_name_that_is_taken(folder: Path) -> None:
    def imported(name: str, kind: str) -> bad_input.Answer:
        return command("audience", "import", name, f"crm/{'companies' if kind == 'enterprise' else 'contacts'}.csv", "--on", kind)  # fmt: skip

    accepted(imported("mine", "enterprise"))
    refused(imported("bosses", "role"), "'bosses' is the name of an audience in the definitions")
    refused(imported("Bosses", "role"), "differs only in case from the audience 'bosses'")
    refused(imported("MINE", "enterprise"), "differs only in case from the list 'mine'")
    refused(imported("mine", "role"), "there is a list 'mine' already")
    refused(imported("", "role"), "this is no name for a list")
    assert not command("check").errors
    in_force(folder)


# --- the library ----------------------------------------------------------------------------------

NAT = type("NaT", (dt.datetime,), {"date": lambda self: (_ for _ in ()).throw(ValueError("NaT"))})
WRONG_MOMENTS: list[Any] = [
    5, 1.5, True, "nonsense", "", "2024-W01-1", dt.time(), dt.date.min, dt.date.max, dt.datetime.min, dt.datetime.max,
    dt.datetime(1, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=14))), NAT(2024, 1, 1),
]  # fmt: skip


@pytest.mark.parametrize("moment", WRONG_MOMENTS, ids=repr)
def test_a_run_is_as_of_a_day_or_a_moment(folder: Path, moment: Any) -> None:
    with pytest.raises(HolbeinError) as caught:
        holbein.open(folder).run(as_of=moment)
    assert caught.value.hint
    in_force(folder)


def test_features_want_an_instant_for_each_subject(good: Path) -> None:
    found, day = holbein.open(good), dt.date(2024, 1, 1)
    for subjects, instants, tags, told in (
        (["C1"], [], ["tier"], "1 subjects, but 0 instants"),
        (["C1"], [None], ["tier"], "an instant is missing"),
        (["C1"], ["2024-01-32"], ["tier"], "is not a date"),
        (["C1"], [20240101], ["tier"], "as-of is a day or a moment"),
        (["C1"], [dt.datetime.min], ["tier"], "no run can be as of"),
        (["C1"], [day], ["teir"], "did you mean tier?"),
        (["C9"], [day], ["tier"], "there is no enterprise 'C9'"),
        ([5], [day], ["tier"], "an id is a text"),
    ):
        with pytest.raises(HolbeinError) as caught:
            found.features(subjects, instants, tags)  # type: ignore[arg-type]
        assert told in str(caught.value)


def test_a_language_is_one_of_two(good: Path) -> None:
    found = holbein.open(good)
    for lang in ("fr", "EN", "", None, 5):
        for ask in (
            lambda: found.portrait("enterprise", "C1", lang=lang),  # type: ignore[arg-type]
            lambda: found.group_portrait("big", lang=lang),  # type: ignore[arg-type]
            lambda: found.explain("big", lang=lang),  # type: ignore[arg-type]
        ):
            with pytest.raises(HolbeinError):
                ask()
