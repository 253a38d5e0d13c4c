"""Names, values and help of the options; nothing heavy is imported here, so that help is quick.

declaration  a command as a function of dataclasses: one option a field
shared       dataclasses that commands share
analyses     of the commands that read an input
audiences    of the command audiences
experiments  of the commands about experiments
automation   of the commands weekly and init
workbench    of the commands about rules and policies
arguments    the spellings of the command line
"""
