"""Glossary: every word and number of the pages."""

from frontend.components.help import docs

docs.glossary_page()
