"""The policies of the workspace: what their segments mean, and what is sent to them.

policies_page  the page: all policies, and the one that is chosen
drafts         policies as they are edited, with their history
fields         a field of a draft, and why what was entered cannot be
texts_editor   the segments of a draft, each with its texts
tree_picture   its tree as a picture, with the customers and the money of the week on screen
tree_editor    its tree: cuts, splits, names, missing values
changes        what it changes: in words, in customers, in money
kept_policy    a policy is kept under a name, replaced, or deleted
"""
