"""How the program runs: worker, queues, failures, and how long its pages take."""
