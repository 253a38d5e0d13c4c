"""The home: what the week is worth, whom to contact, and what is open.

this_week    the page
open_points  what is open, and where it is done
"""
