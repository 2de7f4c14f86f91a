"""Measurements as ratios against a named baseline in one run (`make bench`); never part of the tests."""
