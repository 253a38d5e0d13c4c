"""Options as they were typed -> the values that a use case takes.

request         everything about an analysis
intake          the customers: files, a database, or synthetic ones
engine          what an analysis runs on
spark           a session on a cluster
database        a URL and its query
read_options    how files are read
experiments     arms and measured lifts
outcomes        what customers did after a send
places          where the workspace is, and which of its periods is meant
"""
