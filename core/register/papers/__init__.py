"""Papers that leave the register (D38): typeset, filled in from a case, numbered, and the parts that an organisation
replaces.
"""
