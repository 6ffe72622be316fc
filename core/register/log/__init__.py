"""The event log and what holds it: tables, engines, migrations, seals, and the proof that all of it is whole."""
