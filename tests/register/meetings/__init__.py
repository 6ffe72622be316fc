"""Tests of the weekly review in the register."""
