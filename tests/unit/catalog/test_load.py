"""Reading definitions: every mistake with file, line and hint, all of them at once."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from holbein.catalog import load
from holbein.catalog.problems import DefinitionErrors
from holbein.catalog.yaml_text import MAX_BYTES
from holbein.errors import DefinitionError
from tests.unit.catalog.conftest import SOURCES

Make = Callable[..., Path]


def refused(folder: Path) -> str:
    with pytest.raises(DefinitionError) as caught:
        load(folder)
    return str(caught.value)


def one_tag(make: Make, text: str) -> str:
    """What is said of a tag whose lines begin on line 2 of tags/a.yaml."""
    return refused(make(tags=f"tags:\n{text}"))


def test_reads_all_sections(workspace: Make) -> None:
    found = load(
        workspace(
            sources=SOURCES,
            tags="tags:\n  - tag: big\n    where: employees > 5\n  - {tag: 大, on: role, value: count(login)}\n",
            audiences="audiences:\n  - {audience: key accounts, where: big, title: 重点客户}\n",
        )
    )
    assert [source.source for source in found.sources] == ["crm"]
    crm = found.sources[0]
    assert list(crm.enterprises[0].attributes) == ["name", "industry", "city", "employees"]
    assert crm.roles[0].key == ("customer", "id")
    assert crm.roles[0].person_id == ("id",)
    assert crm.streams["event"].bears == {"enterprise", "person", "role"}
    assert crm.streams["orders"].columns is None
    assert crm.streams["orders"].place == "sources/a.yaml:7"
    assert [(tag.tag, tag.on, tag.form, tag.place) for tag in found.tags] == [
        ("big", "enterprise", "where", "tags/a.yaml:2"),
        ("大", "role", "value", "tags/a.yaml:4"),
    ]
    assert found.tags[0].place_of("where") == "tags/a.yaml:3"
    assert found.audiences[0].title == {"zh": "重点客户"}


def test_empty_files_are_fine(workspace: Make) -> None:
    found = load(workspace(settings="", sources="", tags="# nothing\n", audiences="audiences:\n"))
    assert (found.sources, found.tags, found.audiences) == ((), (), ())
    assert found.settings.name == "ws"
    assert str(found.settings.zone) == "UTC"


def test_keys_without_a_value_are_no_keys(workspace: Make) -> None:
    found = load(
        workspace(tags="tags:\n  - tag: a\n    where: b\n    title:\n    values:\n    owner:\n")
    )
    assert (found.tags[0].title, found.tags[0].values, found.tags[0].owner) == ({}, {}, None)


def test_yaml_1_2(workspace: Make) -> None:
    tags = """tags:
  - tag: a
    owner: NO
    description: on
    values: {NO: {en: no}, 0123: {en: code}, 5: {zh: 五}, true: {en: yes}}
    attribute: x
  - {tag: b, owner: 2024-02-29, description: 0123, attribute: x}
  - {tag: c, owner: 1_000, description: 0x1F, attribute: x}
"""
    a, b, c = load(workspace(tags=tags)).tags
    assert (a.owner, a.description) == ("NO", "on")
    assert a.values == {
        "NO": {"en": "no"},
        "0123": {"en": "code"},
        "5": {"zh": "五"},
        "true": {"en": "yes"},
    }
    assert (b.owner, b.description, c.owner, c.description) == (
        "2024-02-29",
        "0123",
        "1_000",
        "0x1F",
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- {tag: a, titel: x, where: b}", ["tags/a.yaml:2: tag 'a': unknown key 'titel'", "did you mean title?"]),
        ("- tag: a\n  on: enterprize\n  where: b", ["tags/a.yaml:3: tag 'a', on: 'enterprize' is none of", "did you mean enterprise?"]),
        ("- tag: a\n  where: b\n  tag: c", ["tags/a.yaml:4: the key 'tag' stands twice: first on line 2"]),
        ("- tag: a\n  where: 5", ["tags/a.yaml:3: tag 'a', where must be text", 'put it in quotes: "5"']),
        ("- tag: a\n  where: [b]", ["tags/a.yaml:3: tag 'a', where must be text"]),
        ("- tag: a b\n  where: c", ["tags/a.yaml:2: tag 'a b', tag: 'a b' is not a name"]),
        ("- tag: 1a\n  where: c", ["'1a' is not a name"]),
        ("- where: c", ["tags/a.yaml:2: a tag without name: tag is missing"]),
        ("- just text", ["tags/a.yaml:2: each of tags is a mapping"]),
        ("- {tag: a}", ["tags/a.yaml:2: tag 'a': tag 'a' does not say how it comes about", "attribute, value, where"]),
        ("- {tag: a, where: b, value: c}", ["has both value and where"]),
        ("- {tag: a, where: b, type: number}", ["type is for imported, sql and python tags only"]),
        ("- {tag: a, where: b, sensitivity: secret}", ["'secret' is none of public, internal, personal, sensitive"]),
        ("- {tag: a, where: b, sentence: sizes}", ["'sizes' is none of who", "did you mean size?"]),
        ("- {tag: a, where: b, title: {fr: x}}", ["'fr' is none of the languages en, zh"]),
        ("- {tag: a, where: ''}", ["it is empty"]),
        ("- tag: a\n  band:\n    of: x\n    below: [{s: 5}, {m: 5}]", ["tags/a.yaml:3: tag 'a', band: the bounds must ascend, and 'm' ends at 5 after 5"]),
        ("- {tag: a, band: {of: x, below: [{s: 9}, {m: 5}]}}", ["must ascend"]),
        ("- {tag: a, band: {of: x, below: [{s: '9'}]}}", ["band.below.s must be a number, and it is '9'"]),
        ("- {tag: a, band: {of: x, below: [{s: .inf}]}}", ["must be a number"]),
        ("- {tag: a, band: {of: x, below: [{s: 1}], else: s}}", ["the label 's' stands twice"]),
        ("- {tag: a, band: {of: x, below: []}}", ["band.below: it is empty"]),
        ("- {tag: a, band: {of: x, below: [{s: 1, m: 2}]}}", ["one label with its own dash"]),
        ("- {tag: a, cases: [{else: x}]}", ["else alone is no case"]),
        ("- {tag: a, cases: [{x: b}, {else: y}, {z: c}]}", ["nothing can follow else"]),
        ("- {tag: a, cases: [{x: b, y: c}]}", ["one label with its own dash"]),
        ("- {tag: a, cases: {x: b}}", ["tag 'a', cases must be a list"]),
        ("- {tag: a, cases: [{high: b}, {else: low}], values: {hihg: 高}}", ["values names 'hihg'", "did you mean high?"]),
        ("- {tag: a, prefers: {stream: s, by: c, top: 0}}", ["prefers.top must be at least 1"]),
        ("- {tag: a, prefers: {stream: s, by: c, top: 1.5}}", ["prefers.top must be a whole number"]),
        ("- {tag: a, prefers: {stream: s, bye: c}}", ["unknown key 'bye'", "did you mean by?"]),
        ("- {tag: a, imported: {file: f, source: s}}", ["tag 'a', imported: id is missing"]),
        ("  tag: a", ["tags/a.yaml:1: tags is a list"]),
        ("- {tag: a, where: b}\naudiences: []", ["tags/a.yaml:3: unknown key 'audiences'", "move it to audiences/"]),
        ("- {tag: a, where: b}\n- {tag: a, where: c}", ["tags/a.yaml:3: tag 'a' on enterprise is defined twice: first at tags/a.yaml:2"]),
        ("- {tag: a, where: b}\n- {tag: A, where: c}", ["tags/a.yaml:3: tag 'A' on enterprise differs only in case from 'a' at tags/a.yaml:2"]),
    ],
)  # fmt: skip
def test_wrong_tags(workspace: Make, text: str, told: list[str]) -> None:
    message = one_tag(workspace, text)
    for part in told:
        assert part in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("from: x", "source is missing"),
        ("source: a:b\n    from: x", "is not a name"),
        ("source: a\n    from: postgres://x", "sources of the kind postgres:// cannot be read"),
        ("source: a\n    from: x\n    enterprises: {id: i}", "enterprises: it does not say where its rows are"),
        ("source: a\n    from: x\n    enterprises: {tabel: t, id: i}", "'tabel' is taken for an attribute, and no table is named (did you mean table?)"),
        ("source: a\n    from: x\n    enterprises: {table: t, sql: s, id: i}", "both table and sql"),
        ("source: a\n    from: x\n    enterprises: {sql: s, id: i}", "sql is for SQLite sources only"),
        ("source: a\n    from: x\n    enterprises: {table: t}", "enterprises: id is missing"),
        ("source: a\n    from: x\n    enterprises: {table: t, id: []}", "enterprises.id: it is empty"),
        ("source: a\n    from: x\n    enterprises: {table: t, id: [i, i]}", "the same column stands twice"),
        ("source: a\n    from: x\n    enterprises: {table: t, id: i, valid_to: v}", "no attribute can be named 'valid_to'"),
        ("source: a\n    from: x\n    enterprises: {table: t, id: i, Name: v, name: w}", "differ only in case"),
        ("source: a\n    from: x\n    enterprises: {table: t, id: i, my name: v}", "'my name' is not a name"),
        ("source: a\n    from: x\n    enterprises: {table: t, id: i, n: {column: c, type: nummer}}", "enterprises.n.type: 'nummer' is none of"),
        ("source: a\n    from: x\n    enterprises: {table: t, id: i, n: {colum: c}}", "did you mean column?"),
        ("source: a\n    from: x\n    enterprises: {table: t, id: i, n: {column: c, type: money}}", "cannot be of type money"),
        ("source: a\n    from: x\n    enterprises: {table: t, id: i, n: {column: c, type: date, codes: regions}}", "codes are categories"),
        ("source: a\n    from: x\n    enterprises: {table: t, id: i, n: }", "enterprises.n must be a mapping"),
        ("source: a\n    from: x\n    people: {table: t, id: i, parent: p}", "a person has no parent"),
        ("source: a\n    from: x\n    roles: {table: t, enterprise: e}", "roles: person is missing"),
        ("source: a\n    from: x\n    roles: {table: t, enterprise: e, person: {name: n}}", "roles.person: id is missing"),
        ("source: a\n    from: x\n    roles: {table: t, enterprise: e, person: 5}", "roles.person must be a list"),
        ("source: a\n    from: x\n    streams: {o: {table: t, key: k, at: a}}", "streams.o: its facts belong to nobody"),
        ("source: a\n    from: x\n    streams: {o: {table: t, at: a, person: p}}", "streams.o: key is missing"),
        ("source: a\n    from: x\n    streams: {o: {table: t, key: k, at: a, person: p, columns: {day: d}}}", "no column can be named 'day'"),
        ("source: a\n    from: x\n    streams: {o: {table: t, key: k, at: a, person: p, columns: {x: d}, known: {y: k}}}", "known speaks of 'y'"),
        ("source: a\n    from: x\n    streams: {a b: {table: t, key: k, at: a, person: p}}", "'a b' is not a name"),
        ("source: a\n    from: x\n    streams: {o: {table: t, key: k, at: a, person: p, enterprize: e}}", "did you mean enterprise?"),
        ("source: a\n    from: x\n    streams: {o: {table: t, key: k, at: a, person: p}}\n  - source: b\n    from: y\n    streams: {o: {table: t, key: k, at: a, person: p}}", "stream 'o' is defined twice"),
    ],
)  # fmt: skip
def test_wrong_sources(workspace: Make, text: str, told: str) -> None:
    message = refused(workspace(sources=f"sources:\n  - {text}\n"))
    assert told in message
    assert message.startswith("sources/a.yaml:")
    assert "\n" not in message


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("time_zone: Asia/Shangai", "did you mean Asia/Shanghai"),
        ("time_zone: ../../etc/passwd", "there is no time zone"),
        ("time_zone: Asia", "there is no time zone"),
        ("currency: yuan", "currency must be three capital letters"),
        ("languages: [en, fr]", "'fr' is none of en, zh"),
        ("languages: []", "languages: it is empty"),
        ("engine: sparc", "did you mean spark?"),
        ("enigne: spark", "did you mean engine?"),
        ("- a", "the file is no mapping"),
        ("name: 5", "name must be text"),
    ],
)
def test_wrong_settings(workspace: Make, text: str, told: str) -> None:
    message = refused(workspace(settings=f"{text}\n"))
    assert message.startswith("holbein.yaml:1: ")
    assert told in message


@pytest.mark.parametrize(
    "name", ["a/b", "a\\b", "..", ".hidden", "a:b", "a*", "x" * 201, " a", "a\tb"]
)
def test_audience_names_can_name_files(workspace: Make, name: str) -> None:
    message = refused(
        workspace(
            audiences=f'audiences:\n  - {{audience: "{name.encode("unicode_escape").decode()}", where: x}}'
        )
    )
    assert message.startswith("audiences/a.yaml:2: ")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("tags:\n  - tag: a\n    where: \"b\n", "tags/a.yaml:4: it is not YAML: found unexpected end of stream, while scanning a quoted scalar that begins on line 3"),
        ("tags:\n\t- tag: a", "tags/a.yaml:2: YAML is indented with blanks"),
        ("tags: [", "it is not YAML"),
        ("tags:\n  - {tag: a, where: *b}", "tags/a.yaml:2: it is not YAML"),
        ("tags:\n  - tag: a: b", "tags/a.yaml:2: it is not YAML"),
        ("tags:\n--- \ntags:\n", "several documents"),
        ("tags:\n  - \x00", "tags/a.yaml:2: it is not YAML"),
        ("tags:\n  - !!python/object/apply:os.system [ls]", "tags/a.yaml:2: definitions have no YAML tags"),
        ("tags:\n  - !mine {tag: a}", "definitions have no YAML tags"),
        ("tags:\n  - {<<: {a: b}}", "merge keys"),
        ("tags:\n  - {[a]: b}", "a key is one text"),
        ("- tag: a", "tags/a.yaml:1: the file does not begin with tags:"),
        ("text", "the file does not begin with tags:"),
        ("tags: &a [*a]", "an anchor holds itself"),
        ("tags: " + "[" * 60, "it is not YAML"),
        ("tags: " + "[" * 60 + "]" * 60, "nested too deep"),
        ("tags: " + "[" * 100_000, "nested too deep"),
        ("tags: " + "[{a: " * 5_000, "nested too deep"),
        ("\n".join(f"{'abcdefghi'[n]}: &{'abcdefghi'[n]} [{','.join(['*' + 'abcdefghi'[n - 1] if n else 'x'] * 10)}]" for n in range(9)), "unfolds into too much"),
    ],
)  # fmt: skip
def test_malformed_yaml(workspace: Make, text: str, told: str) -> None:
    message = refused(workspace(tags=text))
    assert told in message
    assert message.startswith("tags/a.yaml:")


def test_files_that_are_no_text(workspace: Make) -> None:
    folder = workspace(tags="")
    (folder / "tags/a.yaml").write_bytes(b"tags:\n- \xff\xfe")
    assert refused(folder) == "tags/a.yaml:2: the file is not UTF-8 (save it as UTF-8)"
    (folder / "tags/a.yaml").write_bytes(b"\xef\xbb\xbftags:\n")
    assert load(folder).tags == ()
    (folder / "tags/a.yaml").write_bytes(b"#" * (MAX_BYTES + 1))
    assert "definitions have at most 2 MB" in refused(folder)
    (folder / "tags/a.yaml").unlink()
    (folder / "tags/a.yaml").mkdir()
    assert "the file cannot be read" in refused(folder)


def test_a_sparse_file_of_50_mb_is_not_read(workspace: Make) -> None:
    folder = workspace(tags="")
    with (folder / "tags/a.yaml").open("wb") as stream:
        stream.truncate(50_000_000)
    assert refused(folder).startswith("tags/a.yaml: the file has 50.0 MB")


def test_no_workspace(tmp_path: Path) -> None:
    assert "holbein init" in refused(tmp_path)
    assert "holbein init" in refused(tmp_path / "absent")
    (tmp_path / "file").write_text("")
    assert "is a file" in refused(tmp_path / "file")


def test_all_mistakes_at_once_in_the_order_of_the_files(workspace: Make) -> None:
    folder = workspace(
        settings="engine: sparc\n",
        tags="tags:\n- {tag: a, where: 5}\n- {tag: b, where: c, titel: d}\n- {tag: ok, where: e}\n",
        audiences="audiences:\n- {audience: x}\n",
    )
    with pytest.raises(DefinitionErrors) as caught:
        load(folder)
    lines = str(caught.value).splitlines()
    assert [line.partition(": ")[0] for line in lines] == [
        "holbein.yaml:1", "tags/a.yaml:2", "tags/a.yaml:3", "audiences/a.yaml:2",
    ]  # fmt: skip
    assert len(caught.value.errors) == 4


def test_very_many_mistakes_are_counted(workspace: Make) -> None:
    folder = workspace(tags="tags:\n" + "- {tag: 5}\n" * 80)
    lines = refused(folder).splitlines()
    assert len(lines) == 51
    assert lines[-1] == "… and 30 more"


def test_hidden_and_other_files_are_not_read(workspace: Make) -> None:
    folder = workspace(tags="")
    (folder / "tags/.a.yaml.swp").write_text("][")
    (folder / "tags/.b.yaml").write_text("][")
    (folder / "tags/notes.txt").write_text("][")
    (folder / "tags/c.yml").write_text("tags: [{tag: a, where: b}]")
    assert [tag.place for tag in load(folder).tags] == ["tags/c.yml:1"]


def test_an_anchor_may_repeat_a_title(workspace: Make) -> None:
    tags = "tags:\n- {tag: a, where: x, title: &t {en: one}}\n- {tag: b, where: x, title: *t}\n"
    assert [tag.title for tag in load(workspace(tags=tags)).tags] == [{"en": "one"}] * 2


def test_the_fingerprint_is_of_the_meaning(workspace: Make, tmp_path: Path) -> None:
    first = load(workspace(tags="tags:\n- {tag: a, where: x}\n")).fingerprint()
    assert load(workspace(tags="# why\ntags:\n  - tag: a\n    where: x\n")).fingerprint() == first
    assert load(workspace(tags="tags:\n- {tag: a, where: y}\n")).fingerprint() != first


def test_broken_bytes_never_give_a_traceback(workspace: Make) -> None:
    """Mutations of good files: they load, or are refused with a place."""
    good = (
        'tags:\n  - tag: a\n    title: {en: "x", zh: 近}\n    cases: [{h: "a > 5"}, {else: low}]\n'
        "  - &b {tag: b, band: {of: x, below: [{s: 1.5}], else: *b}}\n"
    ).encode()
    signs = b" \t\n\r:-?,[]{}#&*!|>'\"%@`~<=\\0\x00\xff\xe8\x85"
    draw = random.Random(7)
    for _ in range(300):
        data = bytearray(good)
        for _ in range(draw.randint(1, 6)):
            at = draw.randrange(len(data))
            match draw.randrange(3):
                case 0:
                    data[at] = draw.choice(signs)
                case 1:
                    del data[at : at + draw.randint(1, 9)]
                case _:
                    data[at:at] = bytes(draw.choices(signs, k=draw.randint(1, 4)))
        folder = workspace(tags="")
        (folder / "tags/a.yaml").write_bytes(bytes(data))
        try:
            load(folder)
        except DefinitionError as error:
            assert all(line.startswith("tags/a.yaml") for line in str(error).splitlines())
