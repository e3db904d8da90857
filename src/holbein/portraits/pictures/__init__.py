"""Drawings for the pages: HTML and inline SVG that need no script, no font and no request.

What a drawing shows is said in words beside it or in its label, and never by colour alone. Colours
are the page's own, so that a drawing is as light or as dark as the page.
"""
