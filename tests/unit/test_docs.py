"""The examples in README, guide and reference are run, so that they cannot lie."""

from __future__ import annotations

import doctest
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from tests.support.examples import Block, blocks, commands, matches
from tests.support.workspaces import EXAMPLES, ROOT

README = ROOT / "README.md"
GUIDE = ROOT / "docs" / "guide.md"
REFERENCE = ROOT / "docs" / "reference.md"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

EXIT_OF_USER_ERROR = 1


# --- the helpers themselves -----------------------------------------------------------------------


def test_output_is_compared_strictly_but_for_dots() -> None:
    assert matches("11\n", "11\n")
    assert not matches("11\n", "12\n")
    assert not matches("11\n", "11\nand more\n")
    assert matches("a...d\n", "abcd\n")
    assert not matches("a...d\n", "ab\ncd\n")
    assert matches("...\nlast\n", "one\ntwo\nlast\n")
    assert matches("...\n", "")


# --- README and guide: a folder, step by step -----------------------------------------------------


def holbein(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"COLUMNS": "100", "NO_COLOR": "1", "PYTHONUTF8": "1"}
    return subprocess.run(
        [sys.executable, "-c", "from holbein.cli import entry; entry()", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def run_console(block: Block, folder: Path, page: Path) -> None:
    for command, shown in commands(block):
        place = f"{page.name}:{block.line}: $ {command}"
        name, *arguments = shlex.split(command)
        assert name == "holbein", f"{place}: only holbein can be run here"
        answer = holbein(arguments, folder)
        output = answer.stdout or answer.stderr
        assert "Traceback" not in answer.stderr, f"{place}\n{answer.stderr}"
        # Only a command that is shown to fail may.
        wrong = answer.returncode == EXIT_OF_USER_ERROR and "did you mean" in shown
        assert answer.returncode == 0 or wrong, f"{place}\n{answer.stderr}"
        if shown.strip():
            assert matches(shown, output), f"{place}\n--- shown\n{shown}--- came\n{output}"


def run_python(block: Block, folder: Path, page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    test = doctest.DocTestParser().get_doctest(block.text, {}, page.name, str(page), block.line)
    told = io.StringIO()
    with redirect_stdout(told):
        failed = doctest.DocTestRunner(optionflags=flags).run(test).failed
    assert not failed, told.getvalue()


def follow(steps: list[Block], folder: Path, page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Do what the page says, in its order: write its files, run its commands, try its Python."""
    for block in steps:
        if block.language == "yaml":
            assert block.file, f"{page.name}:{block.line}: name the file in the first line"
            target = folder / block.file
            target.parent.mkdir(exist_ok=True)
            target.write_text(block.body, encoding="utf-8")
        elif block.language == "console":
            run_console(block, folder, page)
        elif block.language == "pycon":
            run_python(block, folder, page, monkeypatch)


@pytest.mark.slow
def test_the_guide_can_be_followed(
    northwind: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copyfile(northwind, tmp_path / "northwind.sqlite")
    follow(blocks(GUIDE), tmp_path, GUIDE, monkeypatch)


@pytest.mark.slow
def test_the_readme_can_be_followed(
    northwind: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copyfile(northwind, tmp_path / "northwind.sqlite")
    steps = blocks(README)
    first = next(at for at, block in enumerate(steps) if block.language == "yaml")
    follow(steps[first:], tmp_path, README, monkeypatch)


def test_the_readme_names_the_commands_that_there_are() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"\bmake (\w+)", README.read_text(encoding="utf-8")))
    assert {"demo", "test"} <= named
    for target in named:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"no make {target}"


# --- the guide's workspace is the one that the tests use ------------------------------------------


def test_northwind_takes_forty_lines_and_the_guide_shows_them() -> None:
    files = {
        str(path.relative_to(EXAMPLES / "northwind").as_posix()): path.read_text(encoding="utf-8")
        for path in (EXAMPLES / "northwind").rglob("*.yaml")
    }
    assert sum(text.count("\n") for text in files.values()) <= 40
    assert {one.file: one.body for one in blocks(GUIDE) if one.language == "yaml"} == files


# --- the reference: fragments that must be accepted -----------------------------------------------


@pytest.mark.parametrize(
    "block",
    [one for one in blocks(REFERENCE) if one.language == "yaml"],
    ids=lambda one: f"line {one.line}",
)
def test_definitions_in_the_reference_are_accepted(block: Block, tmp_path: Path) -> None:
    from holbein.catalog.load import load

    assert block.file, f"reference.md:{block.line}: name the file in the first line"
    (tmp_path / "holbein.yaml").write_text("name: example\n", encoding="utf-8")
    target = tmp_path / block.file
    target.parent.mkdir(exist_ok=True)
    target.write_text(block.body, encoding="utf-8")
    load(tmp_path)


CONDITIONS = [
    pytest.param(line, id=line[:60])
    for block in blocks(REFERENCE)
    if block.language == "sql"
    for line in block.text.splitlines()
    if line.strip()
]


@pytest.mark.parametrize("line", CONDITIONS)
def test_conditions_in_the_reference_are_read_and_written_back(line: str) -> None:
    from holbein.conditions import text

    condition = text.parse(line)
    assert text.parse(text.write(condition)) == condition


# --- the reference is complete --------------------------------------------------------------------


def _reference() -> str:
    return REFERENCE.read_text(encoding="utf-8")


def test_the_reference_has_every_function() -> None:
    from holbein.conditions.functions import FUNCTIONS

    told = _reference()
    assert not [name for name in FUNCTIONS if f"`{name}(" not in told]


def test_the_reference_has_every_key_of_a_definition() -> None:
    from holbein.catalog import definitions

    told = _reference()
    models = (
        definitions.Settings, definitions.SourceDefinition, definitions.SubjectMapping,
        definitions.RoleMapping, definitions.StreamMapping, definitions.ColumnMapping,
        definitions.TagDefinition, definitions.BandForm, definitions.PreferenceForm,
        definitions.ImportedForm, definitions.SqlForm, definitions.PythonForm,
        definitions.RankingForm, definitions.RfmForm, definitions.LifecycleForm,
        definitions.RollUpForm, definitions.GuardForm, definitions.AudienceDefinition,
    )  # fmt: skip
    keys = {one.alias or name for model in models for name, one in model.model_fields.items()}
    assert not sorted(key for key in keys if f"`{key}`" not in told)


def test_the_reference_has_every_function_of_an_sql_tag() -> None:
    from holbein.catalog.sql_functions import FUNCTIONS

    words = set(re.findall(r"`(\w+)`", _reference()))
    assert sorted(FUNCTIONS - words) == []


def test_the_reference_has_every_stage_segment_and_way() -> None:
    from holbein.catalog import lifecycle, rfm, rollup

    told = _reference()
    ways = [origin for _, origin in rollup.WAYS]
    words = (*lifecycle.STAGES, *rfm.SEGMENTS, *ways, *rollup.ALLOWED, *rollup.OF_CONDITION)
    assert not [word for word in words if f"`{word}`" not in told]
    stages = told[told.index("| stage |") :].partition("\n\n")[0].splitlines()[2:]
    assert [line.split("`")[1] for line in stages] == list(lifecycle.STAGES)


def test_the_reference_has_every_part_and_tag_of_a_pack() -> None:
    from holbein.catalog.packs import load_pack, names

    told = _reference()
    rows = {name: re.search(rf"^\| `{name}` \| (.*)$", told, re.MULTILINE) for name in names()}
    for name, row in rows.items():
        pack = load_pack(name)
        assert row, name
        words = re.findall(r"`(\w+)`", row[1])
        assert words == [*pack.needs, *(one.tag for one in pack.blocks)], name


def test_the_reference_has_every_command_and_option() -> None:
    import typer

    from holbein import cli

    told = _reference()
    missing: list[str] = []

    def look(command: Any, path: str) -> None:
        for name, one in getattr(command, "commands", {}).items():
            look(one, f"{path} {name}")
        if not getattr(command, "commands", None):
            if f"`{path}" not in told:
                missing.append(path)
            options = (option for one in command.params for option in one.opts)
            missing.extend(
                f"{path} {option}"
                for option in options
                if option.startswith("--") and option != "--help" and f"`{option}" not in told
            )

    look(typer.main.get_command(cli.app), "holbein")
    assert not missing


def test_the_reference_has_every_public_name() -> None:
    import holbein

    told = _reference()
    assert not [name for name in holbein.__all__ if f"`holbein.{name}" not in told]


# --- links ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
        if "://" not in link:
            assert (page.parent / link).exists(), f"{page.name}: {link}"
