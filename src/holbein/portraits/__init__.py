"""Portraits: what the tags say of one subject, or of a group against a base."""

from holbein.portraits.comparison import Comparison, compare
from holbein.portraits.drift import Drift, drift
from holbein.portraits.group import GroupPortrait, group_portrait
from holbein.portraits.one import portrait
from holbein.portraits.page_comparison import comparison_page
from holbein.portraits.page_drift import drift_page
from holbein.portraits.page_group import group_page
from holbein.portraits.page_one import subject_page
from holbein.portraits.page_overlap import overlap_page
from holbein.portraits.page_through import through_page
from holbein.portraits.subject import SubjectPortrait
from holbein.portraits.terminal import show_group, show_subject
from holbein.portraits.terminal_comparison import show_comparison
from holbein.portraits.terminal_drift import show_drift
from holbein.portraits.terminal_through import show_through
from holbein.portraits.through import Through, through_roles

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
