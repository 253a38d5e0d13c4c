"""What a person sees of a command.

console          tables, lists, numbers, JSON, and the way out
summary          what a run found
lift             what an experiment showed
inspection       what files are taken for, on a terminal and for programs
files            what options name: the report, and errors of the disk
progress         a bar for those who watch
failure          errors -> a message and an exit code
setting_names    what the options for the domain's settings are called
"""
