"""The event log and its storage: tables, engines, migrations, seals, and the proof that all of it is whole."""
