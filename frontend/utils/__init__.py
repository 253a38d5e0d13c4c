"""What several pages share.

pieces     parts that look the same on every page
primary    the look of the one main button
format     numbers, days and names as text
glossary   what words and numbers mean
messages   an error in the words of the dashboard
palette    colours
figures    charts that several pages draw
drawing    the drawing of a chart or tree, remembered
store      the one memory of the dashboard
runs       runs as they are shown: analysed, opened, saved
trials     other policies tried on a run
places     the pages that others lead to
workspace  the workspace that everything is kept in
policies   the policies that can be chosen
files      uploads in a temporary folder
tickets    files for one browser only
way_back   where a visitor wanted to go before the login
login      who may enter
startup    what happens before the first page
"""
