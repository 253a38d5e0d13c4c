"""Activity: what customers did, as columns of integers, and what follows from it at a cutoff.

activity     Activity, Event
features     activity -> customers as they were when they abandoned a cart, with what they had bought before
abandonment  which carts were abandoned
recent       what happened shortly before each abandonment: carts, visits
tallies      counts and sums that do not depend on the order of rows
recovery     who came back: measured, or modelled from earlier weeks
forecast     ways to predict it, and their trial on past windows
"""
