"""What the commands of `main.py` do; `main.py` itself only declares them.

arguments   the spellings of the command line
request     options as values -> a `Request`
segment     the main command
inspect     what files are taken for
mapping     the option --mapping
runs        saved periods
places      where the workspace is
generate    synthetic customers as a file
progress    a progress bar for those who watch
summary     what the run found, as text
versions    what ran
"""
