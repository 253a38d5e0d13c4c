"""The pure domain: no Streamlit, no files, no clock, no global state.

errors      one hierarchy
contracts   columns of the customer table
period      the 7-day window
universe    accepted rows -> one row per customer of the window
activity    what customers did, as columns of integers
features    activity -> customers at a cutoff, as they were when they abandoned a cart
abandonment which carts were abandoned
recent      what happened shortly before each abandonment
carts       what lay in an abandoned cart
orders      what was bought before
visits      how often a customer came by
tallies     counts and sums that do not depend on the order of rows
policy      Policy, Split; YAML text in and out; JSON schema
tree        fitted nodes, leaves, segments, rules in words
fitting     policy nodes -> fitted nodes
quantiles   quantile cuts -> numbers, moved where ties leave a branch empty
grid        axes, cells, codes
cube        sufficient statistics per cell
measures    what is scored, per customer
segments    groups of leaves -> segments
oversize    optional: segments over the maximum split by the next most telling feature
scoring     weighing, intervals, draws, ranks
explanation why one customer is where they are, and what would move them
profiles    who a segment is against everyone else
whatif      other cuts and sizes, answered from a finer cube
derive      scores derived where they are missing
reasons     why a row is kept out
policy_text YAML in and out, JSON schema
hashing     one stable hash of identifiers
outline     the neutral tree that charts and tables render
sizing      minimum and maximum sizes, waves
audit       proof that a fitted tree is MECE, and checks of what came out of it
"""
