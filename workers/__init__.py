"""Heavy work in processes of their own, which one file can neither make take the machine's memory nor run for ever.

memory    how much a process may use, and how it is held to it
room      a folder for what waits on the disk, gone when the run ends
messages  what goes between processes, large arrays in files
job       one piece of work in a process, waited for, ended or given up
child     the process
"""
