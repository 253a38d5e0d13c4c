"""Rules of somebody else: what they leave out, what they take twice, and a policy that does neither.

logic           conditions as values, with two truth values or three
expressions     expressions such as `cart_value >= 100 and region = north`
decision_table  a decision table as CSV
sql_case        a CASE of SQL
reading         which of them a text is; policies as rules
cells           the cells that rules tell apart, and boxes of them
audit           gaps, overlaps and dead rules
fault_words     gaps, overlaps and their repair in words
counts          the real customers in them
repair          the smallest change that mends them, as a policy
"""
