"""Portraits: what the tags say of one subject, or of a group against a base."""

from holbein.portraits.group.comparison import Comparison, compare
from holbein.portraits.group.drift import Drift, drift
from holbein.portraits.group.portrait import GroupPortrait, group_portrait
from holbein.portraits.group.through import Through, through_roles
from holbein.portraits.one.portrait import portrait
from holbein.portraits.one.subject import SubjectPortrait
from holbein.portraits.pages.comparison import comparison_page
from holbein.portraits.pages.drift import drift_page
from holbein.portraits.pages.group import group_page
from holbein.portraits.pages.one import subject_page
from holbein.portraits.pages.overlap import overlap_page
from holbein.portraits.pages.through import through_page
from holbein.portraits.terminal.comparison import show_comparison
from holbein.portraits.terminal.drift import show_drift
from holbein.portraits.terminal.portraits import show_group, show_subject
from holbein.portraits.terminal.through import show_through

__all__ = [
    "Comparison",
    "Drift",
    "GroupPortrait",
    "SubjectPortrait",
    "Through",
    "compare",
    "comparison_page",
    "drift",
    "drift_page",
    "group_page",
    "group_portrait",
    "overlap_page",
    "portrait",
    "show_comparison",
    "show_drift",
    "show_group",
    "show_subject",
    "show_through",
    "subject_page",
    "through_page",
    "through_roles",
]
