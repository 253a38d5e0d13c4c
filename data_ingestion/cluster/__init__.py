"""Customers spread over a Spark cluster; imported where it is needed, and Spark itself only where it is asked for.

blobs    frames as rows of Spark's: a pass runs where they are, and only its answer comes back
sources  files, and the partitions of a table, one to a task
reading  what is read there by today's reader -> rows by the hash of their customer, and what holds for all
activity  rows of logs and orders -> what the customers of each part did
"""
