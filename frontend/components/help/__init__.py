"""The documentation.

docs           shows a page of it
documentation  finds the pages and their links
"""
