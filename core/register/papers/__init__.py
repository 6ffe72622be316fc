"""Papers that leave the register (D37): typeset, filled in from a case, numbered, and the parts that an organisation
replaces.
"""
