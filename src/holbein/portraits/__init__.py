"""Portraits: what the tags say of one subject, or of a group against a base."""

from holbein.portraits.group import GroupPortrait, group_portrait
from holbein.portraits.one import SubjectPortrait, portrait
from holbein.portraits.page_group import group_page
from holbein.portraits.page_one import subject_page
from holbein.portraits.terminal import show_group, show_subject

__all__ = [
    "GroupPortrait",
    "SubjectPortrait",
    "group_page",
    "group_portrait",
    "portrait",
    "show_group",
    "show_subject",
    "subject_page",
]
