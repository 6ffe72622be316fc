"""The complaint register of POPS: rules, register, insight, papers, web and ui over one event log."""
