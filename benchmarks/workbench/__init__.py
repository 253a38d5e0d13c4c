"""The policy workbench.

trees  the search of the best tree
"""
