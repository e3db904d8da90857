"""Faults to put into the compiler, each a small slip that someone could make.

``python -m tests.support.faults`` lists them. The contract suite puts each one into a copy of the
source and demands that the worked cases or the random trees notice.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.support.workspaces import ROOT


@dataclass(frozen=True)
class Fault:
    """``old`` stands once in ``file`` of a folder of ``src/holbein``; with ``new`` it is wrong."""

    name: str
    file: str
    old: str
    new: str
    folder: str = "engine"


FAULTS = (
    # --- comparing ---
    Fault("at least is more than", "compare.py", '">=": exp.GTE', '">=": exp.GT'),
    Fault("less is at most", "compare.py", '"<": exp.LT,', '"<": exp.LTE,'),
    Fault("a comparison may be NULL", "compare.py",
          'return exp.func("COALESCE", condition, exp.false())', "return condition"),
    Fault("between takes the high end for the low one", "compare.py",
          "low=self.measure(low), high=self.measure(high)",
          "low=self.measure(high), high=self.measure(high)"),
    Fault("patterns regard case", "compare.py", "fold(pattern))", "pattern)"),
    Fault("within is equal", "compare.py", "sorted(spec.codes.within(value))", "[value]"),
    Fault("arithmetic may be infinite", "compare.py",
          "return exp.case().when(self.dialect.finite(result), result.copy())", "return result"),
    Fault("since is until", "compare.py", 'if direction == "until":', 'if direction == "since":'),
    Fault("no clipping at the month's end", "compare.py",
          "exp.NEQ(this=end.copy(), expression=exp.LastDay(this=end.copy())),", "exp.true(),"),
    Fault("years of eleven months", "compare.py", 'months = 1 if unit == "month" else 12',
          'months = 1 if unit == "month" else 11'),
    # --- facts ---
    Fault("a window begins a day early", "facts.py",
          "out.append((exp.GTE if elapsed else exp.GT)(",
          "out.append((exp.GTE if elapsed else exp.GTE)("),
    Fault("a window of hours leaves its first instant out", "facts.py",
          "out.append((exp.GTE if elapsed else exp.GT)(",
          "out.append((exp.GT if elapsed else exp.GT)("),
    Fault("before leaves its last day out", "facts.py",
          "out.append((exp.LT if elapsed else exp.LTE)(",
          "out.append((exp.LT if elapsed else exp.LT)("),
    Fault("before in hours takes its end in", "facts.py",
          "out.append((exp.LT if elapsed else exp.LTE)(",
          "out.append((exp.LTE if elapsed else exp.LTE)("),
    Fault("before does not move the beginning", "facts.py", "if before is not None:\n        return",
          "if False:\n        return"),
    Fault("facts are seen before they are known", "facts.py", 'for name in ("at", "known_at")',
          'for name in ("at",)'),
    Fault("facts at as-of are seen", "facts.py",
          'exp.LT(this=column(name, "f"), expression=moment.instant.copy())',
          'exp.LTE(this=column(name, "f"), expression=moment.instant.copy())'),
    Fault("columns are seen before they are known", "facts.py",
          "shown = exp.case().when(known, value)", "shown = exp.case().when(exp.true(), value)"),
    Fault("count of nothing is missing", "fused.py",
          'return double(or_zero(self._part("count", node)))',
          'return double(self._part("count", node))'),
    Fault("sum of nothing is missing", "fused.py",
          'double(or_zero(self._total(node)))', 'double(self._total(node))'),
    Fault("sums lose their fine part", "exact.py", "exact = exp.Add(this=exp.paren(coarse),",
          "exact = exp.Sub(this=exp.paren(coarse),"),
    Fault("values outside of the window are distinct, too", "distinct.py",
          "exp.Count(this=last)", "exp.Count(this=exp.Star())"),
    Fault("a value of the day before is distinct, too", "distinct.py",
          "exp.GT(this=last, expression=start)", "exp.GTE(this=last, expression=start)"),
    Fault("decimals are cut, not rounded", "exact.py", "expression=constant(0.5)",
          "expression=constant(0.0)"),
    Fault("a band takes in its older bound", "grouped.py", "out.append(exp.GT(this=day.copy()",
          "out.append(exp.GTE(this=day.copy()"),
    Fault("bits stand for the day before", "fused.py", "1 << (day - first) for day",
          "1 << max(0, day - first - 1) for day"),
    Fault("medians add up over bands", "grouped.py", "if as_of is None or any(",
          "if as_of is None or False and any("),
    Fault("a window of minutes loses its first day where clocks change", "bands.py",
          "return _whole_days(window, before) + 3", "return _whole_days(window, before) + 2"),
    Fault("the newest band alone tells the greatest", "grouped.py",
          "elif part.name in COMPARED:",
          "elif part.name in COMPARED:\n            pass\n        elif False:"),
    Fault("days with two facts are none", "duckdb.py", '"bit_or"', '"bit_xor"'),
    Fault("ties go to the other key", "ordered.py",
          "[facts.key.copy()], last=last)", "[facts.key.copy()], last=not last)"),
    Fault("first is last", "ordered.py", "(exp.Max if last else exp.Min)",
          "(exp.Max if not last else exp.Min)"),
    Fault("what is older than recent is not looked at", "ordered.py",
          "before = exp.LTE(", "before = exp.GT("),
    Fault("the median is the mean", "grouped.py", "rows.dialect.median(double(one))",
          "exp.Avg(this=double(one))"),
    Fault("a mean counts what is missing", "grouped.py", '"number": lambda one: exp.Count(this=one)',
          '"number": lambda one: exp.Count(this=exp.Star())'),
    Fault("days since the first fact", "grouped.py", '"day": lambda one: exp.Max(',
          '"day": lambda one: exp.Min('),
    Fault("any event will do", "facts.py", "        if event is not None:\n            out.append(",
          "        if False:\n            out.append("),
    Fault("filters are left out", "facts.py", "        if where is not None:\n            out.append(",
          "        if False:\n            out.append("),
    # --- related subjects ---
    Fault("a role's first day does not count", "related.py",
          'exp.LTE(this=column("since", "l"), expression=day.copy())',
          'exp.LT(this=column("since", "l"), expression=day.copy())'),
    Fault("a role's end still counts", "related.py",
          'exp.GT(this=column("until", "l"), expression=day.copy())',
          'exp.GTE(this=column("until", "l"), expression=day.copy())'),
    Fault("states begin at once", "related.py",
          'begun = exp.LT(this=column("valid_from", states)',
          'begun = exp.LTE(this=column("valid_from", states)'),
    Fault("states end early", "related.py",
          'lasts = exp.GTE(this=column("valid_to", states)',
          'lasts = exp.GT(this=column("valid_to", states)'),
    Fault("grandparents are parents", "related.py",
          'exp.EQ(this=column("distance"), expression=whole(1))',
          'exp.GTE(this=column("distance"), expression=whole(1))'),
    Fault("nobody is its own root", "related.py", "both_kinds = exp.union(links.where(top), own,",
          "both_kinds = exp.union(links.where(top), own.where(exp.false()),"),
    Fault("changes are seen late", "related.py",
          'exp.LTE(this=column("at", "c"), expression=moment.instant.copy())',
          'exp.LT(this=column("at", "c"), expression=moment.instant.copy())'),
    Fault("changes of a day too many", "related.py",
          'exp.GT(this=column("day", "c"), expression=start)',
          'exp.GTE(this=column("day", "c"), expression=start)'),
    Fault("labels that were there became", "related.py",
          'exp.func("COALESCE", old, exp.false())', "exp.false()"),
    Fault("all of nobody is true", "compile.py",
          "return exp.and_(some, exp.EQ(this=met, expression=all_.copy()))",
          "return exp.EQ(this=met, expression=all_.copy())"),
    Fault("what it became it need not be", "compile.py",
          "return both(changed, self.condition(holds))", "return changed"),
    Fault("one bucket for all kinds", "compile.py", "{LETTERS[self.kind]}", "E"),
    # --- sequences ---
    Fault("one fact is two steps", "sequence.py", "start=whole(1),", "start=whole(0),"),
    Fault("within is less than", "sequence.py", 'exp.LTE(this=column("ended", "e")',
          'exp.LT(this=column("ended", "e")'),
    Fault("twins of two streams are in order", "sequence.py",
          ".group_by(*(one.copy() for one in keys))",
          '.group_by(*(one.copy() for one in keys), column("s1", "p"))'),
)  # fmt: skip


def planted(fault: Fault, folder: Path) -> Path:
    """A copy of the source in ``folder`` with the fault in it: what to put on the path."""
    source = folder / "src"
    shutil.copytree(
        ROOT / "src", source, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info")
    )
    path = source / "holbein" / fault.folder / fault.file
    text = path.read_text(encoding="utf-8")
    assert text.count(fault.old) == 1, f"{fault.name}: found {text.count(fault.old)} times"
    path.write_text(text.replace(fault.old, fault.new), encoding="utf-8")
    return source


if __name__ == "__main__":
    for one in FAULTS:
        print(f"{one.file:12} {one.name}")
