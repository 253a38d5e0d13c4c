"""The policies of the workspace: what their segments mean, and what is sent to them.

policies_page  the page: all policies, and the one that is chosen
texts          campaign texts as they are edited
texts_editor   the segments of a policy, each with its texts
keeping        a policy is kept under a name, replaced, or deleted
"""
