"""Glossary: every word and number of the pages."""

from frontend.components.frame import page_header
from frontend.components.help import docs

page_header.show("Glossary")
docs.glossary_page()
