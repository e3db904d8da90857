"""Audiences are those that the files define now, whenever the version was made."""

from __future__ import annotations

import pytest

from holbein.errors import HolbeinError, NotFoundError
from holbein.workspace import Workspace
from tests.unit.query.little import AS_OF, COMPANY_LIST, tier


def audiences(own: Workspace, *lines: str) -> None:
    text = "audiences:\n" + "".join(f"  - {line}\n" for line in lines)
    (own.folder / "audiences" / "all.yaml").write_text(text, encoding="utf-8")


def size(own: Workspace, name: str) -> int:
    return own.count(f"in_audience('{name}')")


def test_what_is_edited_after_a_run_counts_at_once(own: Workspace) -> None:
    software = sum(one.sector == "software" for one in COMPANY_LIST)
    assert size(own, "software") == software
    audiences(own, "{audience: software, where: \"sector = 'retail'\"}",
              "{audience: best, where: \"tier = 'high' AND in_audience('software')\"}")  # fmt: skip
    retail = [one for one in COMPANY_LIST if one.sector == "retail"]
    assert size(own, "software") == len(retail)
    assert size(own, "best") == sum(tier(one.key) == "high" for one in retail)
    with pytest.raises(HolbeinError, match="big"):
        size(own, "big")  # it is defined no longer


def test_an_earlier_version_keeps_the_audiences_that_it_had(own: Workspace) -> None:
    audiences(own, "{audience: other, where: 'TRUE'}")
    version = own.store.current().number
    query = own.at(version)
    assert query.count(query.bind("in_audience('software')", "enterprise"), "enterprise") == sum(
        one.sector == "software" for one in COMPANY_LIST
    )
    with pytest.raises(HolbeinError):
        query.bind("in_audience('other')", "enterprise")


def test_one_that_does_not_fit_is_told_only_when_it_is_asked_for(own: Workspace) -> None:
    audiences(
        own,
        "{audience: good, where: \"sector = 'bank'\"}",
        "{audience: bad, where: \"sektor = 'bank'\"}",
        "{audience: worse, where: \"in_audience('bad') AND tier = 'high'\"}",
        "{audience: itself, where: \"NOT in_audience('itself')\"}",
    )
    assert size(own, "good") > 0
    assert own.count("TRUE") > 0
    for name in ("bad", "worse", "itself"):
        with pytest.raises(HolbeinError):
            size(own, name)
    with pytest.raises(HolbeinError, match="sektor") as caught:
        own.query.audience("bad")
    assert "all.yaml:3" in str(caught.value)
    assert "sector" in str(caught.value)  # the near name
    assert [spec.name for spec, _ in own.audiences()] == ["good"]
    assert set(own.query.unfit.errors) == {"bad", "worse", "itself"}


def test_broken_files_of_audiences_do_not_break_other_questions(own: Workspace) -> None:
    own.freeze("software", "kept")
    (own.folder / "audiences" / "all.yaml").write_text("audiences: [\n  - {", encoding="utf-8")
    assert own.count("sector = 'software'") > 0
    assert size(own, "kept") == own.count("sector = 'software'")
    assert own.portrait("enterprise", "crm:C001").name == "Company 1"
    assert [spec.name for spec, _ in own.audiences()] == ["kept"]
    with pytest.raises(HolbeinError, match=r"all\.yaml"):
        size(own, "software")
    with pytest.raises(HolbeinError, match=r"all\.yaml"):
        own.audience_portrait("software")


def test_an_unknown_audience_is_told_with_the_near_ones(own: Workspace) -> None:
    with pytest.raises(NotFoundError) as caught:
        own.query.audience("sofware")
    assert "software" in str(caught.value)


def test_a_frozen_list_can_be_asked_for_at_once(own: Workspace) -> None:
    before = own.query
    assert own.freeze("big", "big ones") == size(own, "big")
    assert own.query is not before
    assert size(own, "big ones") == size(own, "big")
    assert own.query is own.query  # nothing has changed since


def test_a_damaged_list_is_told_only_when_it_is_asked_for(own: Workspace) -> None:
    own.freeze("big", "broken")
    own.store.lists.path("broken").write_bytes(b"no Parquet")
    assert own.count("TRUE") > 0
    assert "broken" in own.query.unfit.errors
    with pytest.raises(HolbeinError):
        size(own, "broken")


def test_questions_know_their_version_and_day(own: Workspace) -> None:
    assert own.query.version == "2"
    assert own.query.as_of.day == AS_OF
    assert own.at(1).version == "1"
