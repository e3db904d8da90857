"""Look-alikes: who resembles a seed, by what, and what is said where nobody can."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pytest

import holbein
from holbein.audiences import resemblance
from holbein.audiences.features import Features
from holbein.audiences.lookalikes import look_alikes
from holbein.audiences.resemblance import Feature
from holbein.conditions.vocabulary import FieldSpec
from holbein.errors import HolbeinError, NotFoundError
from holbein.index import encode
from holbein.workspace import Workspace
from tests.support.bad_input import command
from tests.support.workspaces import write_workspace

KINDS = ("mill", "shop", "bank")


def _rows() -> str:
    """300 companies: a third each are mills, shops and banks, and like red, green and blue."""
    lines = ["id,name,kind,colours,staff,since"]
    rng = np.random.default_rng(3)
    for number in range(300):
        place = number % 3
        colour = ("red", "green", "blue")[place if rng.random() < 0.9 else rng.integers(3)]
        staff = "" if number % 20 == 0 else str(int(rng.normal((20, 60, 200)[place], 10)))
        since = f"20{10 + place * 4 + int(rng.integers(3)):02}-01-01"
        kind = "" if number % 25 == 0 else KINDS[place]
        lines.append(f"c{number},Company {number},{kind},{colour};plain,{staff},{since}")
    return "\n".join(lines) + "\n"


FILES = {
    "holbein.yaml": "name: alike\nlanguages: [en, zh]\n",
    "sources/crm.yaml": """
sources:
  - source: crm
    from: raw/
    enterprises:
      table: companies
      id: id
      name: name
      kind: {column: kind, title: {en: Kind, zh: 类型}, values: {mill: {en: Mill, zh: 工厂}, shop: {en: Shop}, bank: {en: Bank}}}
      colours: {column: colours, type: categories, title: {en: Colours, zh: 颜色}}
      staff: {column: staff, title: {en: Staff, zh: 员工}}
      since: since
""",
    "audiences/all.yaml": """
audiences:
  - {audience: mills, where: "bucket('seed') < 0.3 AND colours CONTAINS 'red' AND staff < 40"}
  - {audience: nobody, where: "staff > 100000"}
  - {audience: everyone, where: "TRUE"}
  - {audience: shops and banks, where: "kind IN ('shop', 'bank')"}
  - {audience: drawn, where: "bucket('any') < 0.4"}
""",
    "raw/companies.csv": _rows(),
}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    found = holbein.open(write_workspace(tmp_path_factory.mktemp("alike") / "w", FILES))
    found.run()
    return found


def test_the_rest_of_a_kind_is_found_and_the_seed_is_not(workspace: Workspace) -> None:
    seed = set(workspace.select("in_audience('mills')")["id"].to_pylist())
    found = workspace.look_alikes("in_audience('mills')", size=60)
    alike = found.found["id"].to_pylist()
    names = workspace.query.values("enterprise", ["name"], alike)["name"].to_pylist()
    mills = [one for one in names if int(one.split()[1]) % 3 == 0]
    assert len(alike) == 60
    assert found.seed == len(seed)
    assert found.others == 300 - len(seed)
    assert not {f"E{one}" for one in alike} & seed
    assert len(mills) >= 54


def test_the_most_alike_come_first(workspace: Workspace) -> None:
    found = workspace.look_alikes("in_audience('mills')")
    scores = found.found["score"].to_pylist()
    assert scores == sorted(scores, reverse=True)
    assert found.found.num_rows == found.seed


def test_the_traits_say_what_made_the_resemblance(workspace: Workspace) -> None:
    found = workspace.look_alikes("in_audience('mills')", size=60)
    assert sum(one.part for one in found.traits) == pytest.approx(1)
    assert [one.part for one in found.traits] == sorted(
        (one.part for one in found.traits), reverse=True
    )
    assert {"kind", "staff", "colours"} & {one.name for one in found.traits}
    assert all(one.share > one.rest_share for one in found.traits if one.part > 0.05)
    assert "name" not in {one.name for one in found.traits}


def test_they_are_told_in_both_languages(workspace: Workspace) -> None:
    where = ["-w", str(workspace.folder)]
    english = command("audience", "like", "mills", "--as", "told", "--size", "40", *where)
    assert "told: 40 of " in english.out
    assert "Those found" in english.out
    chinese = command(
        "audience", "like", "mills", "--as", "told", "--size", "40", "--lang", "zh", *where
    )
    assert "找到与" in chinese.out
    assert "种子相似的40个" in chinese.out
    assert any(title in chinese.out for title in ("类型", "颜色", "员工"))


def test_they_are_looked_for_among_a_base(workspace: Workspace) -> None:
    found = workspace.look_alikes("kind = 'shop'", size=50, base="kind IN ('shop', 'bank')")
    kinds = workspace.query.values("enterprise", ["kind"], found.found["id"])["kind"].to_pylist()
    assert set(kinds) == {"bank"}  # there are no others


def test_a_seed_may_lie_outside_of_the_base(workspace: Workspace) -> None:
    found = workspace.look_alikes("kind = 'mill'", size=10, base="kind IS NULL")
    kinds = workspace.query.values("enterprise", ["kind"], found.found["id"])["kind"].to_pylist()
    assert kinds == [None] * 10
    names = workspace.query.values("enterprise", ["name"], found.found["id"])["name"].to_pylist()
    assert sum(int(one.split()[1]) % 3 == 0 for one in names) >= 3  # of four mills without a kind


def test_the_same_is_found_each_time(workspace: Workspace) -> None:
    first, second = (workspace.look_alikes("in_audience('mills')") for _ in range(2))
    assert first == second


def test_a_list_is_kept(workspace: Workspace) -> None:
    found = workspace.find_alike("mills", "like mills", size=25, base="everyone")
    again = holbein.open(workspace.folder)
    assert again.count("in_audience('like mills')") == 25
    ids = again.select("in_audience('like mills')")["id"].to_pylist()
    assert set(ids) == {f"E{one}" for one in found.found["id"].to_pylist()}


@pytest.mark.parametrize(
    ("seed", "base", "size", "said"),
    [
        ("staff > 100000", "TRUE", None, "0 subjects are too few"),
        ("name = 'Company 7'", "TRUE", None, "1 subjects are too few"),
        ("TRUE", "TRUE", None, "there is nobody else to look among"),
        ("kind = 'mill'", "kind = 'mill'", None, "there is nobody else to look among"),
        ("bucket('any') < 0.4", "TRUE", None, "no tag sets these subjects apart"),
        ("kind = 'mill'", "TRUE", 0, "nobody is asked for"),
        ("kind = 'mill'", "TRUE", -3, "nobody is asked for"),
        ("kind = 'mill'", "TRUE", 5000, "all of them would be taken"),
        ("kind IN ('shop', 'bank')", "TRUE", None, "all of them would be taken"),
    ],
)
def test_what_cannot_be_found_is_said(
    workspace: Workspace, seed: str, base: str, size: int | None, said: str
) -> None:
    with pytest.raises(HolbeinError, match=said) as told:
        look_alikes(workspace.query, seed, "enterprise", size, base)
    assert told.value.hint


def test_the_command(workspace: Workspace) -> None:
    where = ["-w", str(workspace.folder)]
    done = command("audience", "like", "mills", "--as", "by hand", "--size", "12", *where)
    assert done.code == 0
    assert "by hand: 12 of " in done.out
    for wrong, said in (
        (["mills", "--as", "mills"], "is the name of an audience in the definitions"),
        (["nobody", "--as", "x"], "too few"),
        (["unknown", "--as", "x"], "unknown"),
        (["mills", "--as", "x", "--base", "unknown"], "unknown"),
    ):
        done = command("audience", "like", *wrong, *where)
        assert done.code == 1
        assert said in done.err
        assert "Traceback" not in done.err


def test_an_unknown_audience_is_named(workspace: Workspace) -> None:
    with pytest.raises(NotFoundError):
        workspace.find_alike("mils", "x")


# --- the model ------------------------------------------------------------------------------------


def _planted(count: int) -> tuple[list[Feature], np.ndarray, np.ndarray]:
    """Two tags that say the same, one that says less, twenty that say nothing."""
    rng = np.random.default_rng(1)
    members = rng.random(count) < 0.2

    def feature(name: str, hit: float, miss: float) -> Feature:
        codes = (rng.random(count) < np.where(members, hit, miss)).astype(np.int64)
        return Feature(name, None, (False, True), codes.__getitem__)

    features = [feature("strong", 0.9, 0.05), feature("weak", 0.6, 0.3)]
    features.append(Feature("twin", None, (False, True), features[0].codes))
    features += [feature(f"noise {one}", 0.5, 0.5) for one in range(20)]
    seed = members & (rng.random(count) < 0.1)
    return features, members, seed


def test_noise_weighs_nothing() -> None:
    features, members, seed = _planted(5000)
    found = resemblance.resemblance(features, seed, int(members.sum() - seed.sum()))
    weighed = {features[one].name for one in found.weights}
    assert weighed & {"strong", "twin"}
    assert not any(one.startswith("noise") for one in weighed)


def test_tags_that_say_the_same_share_what_they_weigh() -> None:
    features, members, seed = _planted(5000)
    size = int(members.sum() - seed.sum())
    both = resemblance.resemblance(features, seed, size)
    one = resemblance.resemblance([f for f in features if f.name != "twin"], seed, size)
    assert np.corrcoef(both.scores, one.scores)[0, 1] > 0.999
    assert both.scores.max() == pytest.approx(one.scores.max(), rel=0.05)


def test_of_very_many_a_part_is_learnt_from(monkeypatch: pytest.MonkeyPatch) -> None:
    features, members, seed = _planted(20_000)
    size = int(members.sum() - seed.sum())
    whole = resemblance.resemblance(features, seed, size)
    monkeypatch.setattr(resemblance, "MOST", 5_000)
    part = resemblance.resemblance(features, seed, size)
    assert len(part.scores) == 20_000
    assert np.corrcoef(whole.scores, part.scores)[0, 1] > 0.98


def test_scores_are_what_the_weights_add_up_to() -> None:
    features, members, seed = _planted(3000)
    found = resemblance.resemblance(features, seed, 500)
    added = sum(weight[features[one].codes(slice(None))] for one, weight in found.weights.items())
    assert found.scores == pytest.approx(added)
    assert len(members) == len(found.scores)


def test_a_tag_with_one_value_says_nothing() -> None:
    nothing = Feature("empty", None, (None,), np.zeros(40, np.int64).__getitem__)
    seed = np.arange(40) < 12
    assert resemblance.resemblance([nothing], seed, 5).weights == {}


def test_random_seeds_are_seldom_told_apart() -> None:
    """Of seeds drawn by chance one in twenty, or fewer, is said to have something in common."""
    rng = np.random.default_rng(5)
    lengths = rng.integers(2, 40, 40)
    features = [
        Feature(str(n), None, tuple(range(k)), rng.integers(0, k, 1000).__getitem__)
        for n, k in enumerate(lengths)
    ]
    told = 0
    for _ in range(60):
        seed = np.zeros(1000, bool)
        seed[rng.choice(1000, 12, replace=False)] = True
        told += bool(resemblance.resemblance(features, seed, 50).weights)
    assert told <= 6


# --- columns --------------------------------------------------------------------------------------


def test_however_columns_are_held_the_same_are_found(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = workspace.look_alikes("kind = 'mill'", size=20)
    query = holbein.open(workspace.folder).query
    query.__dict__["index"] = None  # as of a version that has none: columns are made of a table
    monkeypatch.setattr(encode, "MOST_LABELS", 4)
    monkeypatch.setattr(encode, "LIST_BITMAPS", 0)
    found = look_alikes(query, "kind = 'mill'", "enterprise", 20)
    assert found.found.equals(expected.found)
    assert found.traits == expected.traits


@pytest.mark.parametrize(("values", "features"), [("abcd", 1), (map(str, range(300)), 0)])
def test_texts_of_few_values_are_a_feature(
    values: Iterable[str], features: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [*values, None]
    with monkeypatch.context() as few:
        few.setattr(encode, "MOST_LABELS", 2)
        column = encode.encode(pa.array(texts), "category")
    assert column.layout == "texts"
    told = Features(np.arange(len(texts)), lambda name: column).of(FieldSpec("x", "category"))
    found = [(one.values, one.codes(slice(None)).tolist()) for one in told]
    assert found == [(tuple(texts), [*range(len(texts))])] * features
