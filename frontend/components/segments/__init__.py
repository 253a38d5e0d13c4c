"""The segments of a week.

segments    the ranking, the details of one segment, the charts
headline    the numbers above them
profile     who they are
downloads   their files
tree_views  the tree as a picture and as rules in words
tree_page   the picture as a page of its own
policy_sql  the tree as SQL
users       every customer, and why they are where they are
people      looks customers up
what_if     other cuts, sizes and weights
better_tree the best tree that there is, beside today's
tree_search it is searched in a worker
tree_found  what was found, in the words of the page
"""
