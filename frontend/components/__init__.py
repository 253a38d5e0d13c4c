"""Parts of pages, a folder a page with the page's model; a part has `show(...)` and owns the keys of its widgets.

frame       what stands around every page: its top, the address, the login
this_week   the home: what the week is worth, whom to contact, and what is open
new_period  a week, its customers, what their columns hold, and the run
segments    the segments, their tree, the customers in them, and other cuts
campaign    whom to contact, who is held out, the files, and what came of it
trends      weeks beside each other, and predictions beside what happened
trust       the proof, and what was read, missing or set aside
policies    what the segments of each policy mean, and what is sent to them
settings    what every analysis starts from, and the weeks that were kept
help        the documentation
"""
