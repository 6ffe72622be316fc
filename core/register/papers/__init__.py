"""Papers that leave the register (D39): typeset, filled in from a case, numbered, and the parts that an organisation
replaces.
"""
