"""A shop's week by itself: what is done with it from its customers to what was learnt of them.

config     shop.yaml, read, checked and written
monday     the weeks that are due: analysed, compared, kept, their files made, old customers removed
learning   results of earlier weeks, and what is learnt from them
alerts     what is not as usual
messages   the way to mail and chat
turn       one at a time, with a log
files      audience files, kept with their week
contacts   whom nobody contacts for now
"""
