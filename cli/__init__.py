"""The command line. `main.py` declares the commands; what they do is here.

shown/     what a person sees: text, tables, JSON, progress, errors
options/   names, values and help of the options
inputs/    options as typed -> the values that a use case takes
commands/  one file a command
"""
