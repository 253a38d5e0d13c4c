"""Cells: text -> values.

casts         numbers, flags, identifiers
numbers       numbers under a decimal point or comma
decimal_sign  decimal point or decimal comma
currencies    what currency signs can mean
dates         times
date_words    names of months and weekdays -> digits
scripts       digits of any script -> ASCII ones
word_tables   words of dates and money in many languages
date_order    day first or month first
local_time    the shop's zone
header_zone   the time zone that a header names
nothing       what programs write for nothing or never
rounded_ids   identifiers that a spreadsheet rounded
text_rows     dates joined with their time of day, totals set aside
faulty        cells that cannot be used, what they plainly mean, and what they set aside
typed_blocks  blocks of text -> typed blocks
"""
