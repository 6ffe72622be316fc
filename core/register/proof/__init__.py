"""The checks behind ``core.register.log.verify``: each reads one part of the register and reports what is wrong."""
