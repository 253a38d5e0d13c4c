"""The pure domain: no Streamlit, no files, no clock, no global state.

Ground files, which every room may use:

errors   one hierarchy
period   the 7-day window
hashing  one stable hash of identifiers
wording  counts and lists in words

Rooms, each importing only those before it; partition, activity, customer_value and experiment don't know each other:

customers/       what a row of the table is, and which rows are the universe
policy/          the decision tree as a marketer writes it
scores/          what is measured of a segment
partition/       the tree with numbers, its cells, proof, sizes and cube
activity/        what customers did, and who they were at a cutoff
customer_value/  what a customer will buy within a year
experiment/      arms, what a control group can show, and what it showed
rules/           rules of somebody else: their gaps and overlaps, and their repair as a policy
search/          the best tree that the data knows of
sql/             a fitted tree as SQL for other engines
"""
