"""What a person sees of a command.

console          tables, lists, numbers, JSON, and the way out
summary          what a run found
balance          how alike the arms of an experiment are
lift             what an experiment showed
inspection_text  what files are taken for, on a terminal
inspection_json  the same for programs
files            what options name: the report, and errors of the disk
progress         a bar for those who watch
failure          errors -> a message and an exit code
setting_names    what the options for the domain's settings are called
"""
