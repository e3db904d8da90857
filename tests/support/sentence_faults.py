"""Faults to put into the sentence, each a small slip that someone could make.

The rules over parts made by chance (``tests/unit/portraits/test_sentence_rules.py``) have to notice
every one of them.
"""

from __future__ import annotations

from tests.support.faults import Fault


def _fault(name: str, file: str, old: str, new: str) -> Fault:
    return Fault(name, file, old, new, folder="portraits/words")


SENTENCE_FAULTS = (
    # --- empty slots ---
    _fault("a company in nothing", "english_sentence.py",
           "    if where:\n        head = glue(", "    if True:\n        head = glue("),
    _fault("企业 of nowhere", "chinese_sentence.py",
           "    if where:\n        head = f", "    if True:\n        head = f"),
    _fault("a person in nothing", "english_sentence.py",
           "    elif where:\n        jobs.append(", "    else:\n        jobs.append("),
    _fault("所在地为 nothing", "chinese_sentence.py",
           "if where and not any(where in one for one in named):", "if not where:"),
    _fault("a job at nothing", "english_sentence.py",
           'return glue(glue(job.title, "at"), job.enterprise) if job.enterprise else job.title',
           'return glue(glue(job.title, "at") or "at", job.enterprise or " ")'),
    _fault("任职于 nothing", "chinese_sentence.py",
           "    if not job.enterprise:\n", "    if False:\n"),
    _fault("职务为 nothing", "chinese_sentence.py", "    if not job.title:\n", "    if False:\n"),
    _fault("what is missing is said", "parts.py",
           "if value is None or (isinstance(value, list) and not value):",
           "if isinstance(value, list) and not value:"),
    _fault("a number that is none has a place", "parts.py",
           "        text = speech.value(spec, value)\n        if not text:",
           "        text = speech.value(spec, value)\n        if text is None:"),
    _fault("nobody is counted", "english_sentence.py",
           "if parts.people <= 0:", "if parts.people < 0:"),
    _fault("已知0位", "chinese_sentence.py", "if parts.people <= 0:", "if parts.people < 0:"),
    _fault("nothing between two marks", "english_sentence.py",
           '", ".join(clauses)', '", ".join([*clauses[:1], "", *clauses[1:]])'),
    _fault("，，", "chinese_sentence.py",
           '"，".join(clauses)', '"，".join([*clauses[:1], "", *clauses[1:]])'),
    _fault("a list ends in nothing", "english.py",
           'labels[:-1]) + " and", labels[-1])', 'labels) + " and", "")'),
    _fault("、和", "chinese.py", '"、".join(labels[:-1]) + "和"', '"、".join([*labels[:-1], ""]) + "和"'),
    # --- said twice ---
    _fault("phrases are said twice", "english_sentence.py",
           "within(distinct(phrases, _holds), room, _width)", "within(phrases, room, _width)"),
    _fault("短语重复", "chinese_sentence.py",
           "within(distinct(phrases, _holds), room, _width)", "within(phrases, room, _width)"),
    _fault("a word twice where two pieces meet", "english.py", "words.pop()", "pass"),
    _fault("two present jobs in one breath", "chinese_sentence.py",
           '"同时担任", "同时任职于"', '"现任", "任职于"'),
    # --- agreement and marks ---
    _fault("two decides", "english_sentence.py",
           "'decides' if deciders == 1 else 'decide'", "'decides'"),
    _fault("one renewals", "english.py", "    if number == 1:\n", "    if number == -1:\n"),
    _fault("续约0次", "chinese.py", "if number == 0 else None", "if number == -1 else None"),
    _fault("half-width marks", "chinese_sentence.py",
           'text = _in_full_width(text.rstrip(".。"))', 'text = text.rstrip(".。")'),
    _fault("a mark before the end", "english_sentence.py",
           'text.rstrip(".")) + (', 'text.rstrip(".") + ",") + ('),
    _fault("a figure of nobody", "english_sentence.py",
           "if parts.kind == \"person\" and phrases and _FIGURE.match(phrases[0]):", "if False:"),
    # --- places and length ---
    _fault("what has no place is said", "parts.py",
           "for name, at in places.items() if at == place]",
           "for name, at in places.items() if at in (place, None)]"),
    _fault("there is room for all", "phrases.py", "if width(one) <= room:", "if True:"),
    _fault("sixty words and more", "english_sentence.py", "_WORDS = 58", "_WORDS = 64"),
)  # fmt: skip
