"""The dashboard, one of the two shells.

app         page configuration and navigation
state       what one browser session remembers; the only place that touches it
views       one file a page: which components, in which order
components  `show(...)`: a part of a page, owner of its widgets' keys
utils       what several pages share: the one memory, runs and periods, numbers as text, colours, figures
"""
