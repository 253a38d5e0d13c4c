"""Rows: which are accepted, what they mean together, and where each of them went.

judged_file    typed blocks of a file -> which rows are accepted
assembly       accepted blocks -> one frame
intake         Intake, SourceFile: accepted rows, quarantine, account
account        judged files -> Intake
spool         what waits on the disk instead of in memory
parts         judged files -> an intake in parts
repeats       rows of customers who have several, out of all parts
overlaps       what several files say twice
days           days of one source beside times of another
links          which customer each row is of
activity_join  what several sources say -> Activity
by_customer    event logs and orders in parts, by customer
cutoff         activity -> the customers of a window
summary        what an intake tells before it is analysed
"""
