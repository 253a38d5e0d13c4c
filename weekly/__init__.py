"""A shop's week by itself: what is done with it from its customers to what was learnt of them.

files      audience files, kept with their week
"""
