"""Audiences: who meets a condition, out to files and in from files."""
