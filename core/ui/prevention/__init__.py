"""The page of prevention: analyses for the board, actions by due, evidence to verify, effects to check, figures."""
