"""The dashboard, one of the two shells.

app         page configuration and navigation
door        who gets in: names of the server, pages that may open sockets, files for one browser
state       what one browser session remembers; the only place that touches it
views       one file a page: which components, in which order
components  `show(...)`: a part of a page, owner of its widgets' keys
utils       what several pages share: the one memory, runs and periods, numbers as text, colours, figures
"""
