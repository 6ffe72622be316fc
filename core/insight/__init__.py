"""What it means: facts in columns, questions answered as small frames, frames drawn as figures."""
