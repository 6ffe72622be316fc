"""Messages that leave the register (D42): outlets, what is written for whom, and the worker that sends it."""
