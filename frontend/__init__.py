"""The dashboard, one of the two shells.

app         page configuration and navigation
state       what one browser session remembers; the only place that touches it
views       one file a page: which components, in which order
components  `show(...)`: a part of a page, owner of its widgets' keys
utils       loading and caching, numbers as text, colours, the figures' data
"""
