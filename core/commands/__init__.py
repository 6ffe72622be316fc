"""The command line, one module a verb: python -m core …"""
