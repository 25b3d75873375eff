"""Compiled loops of measurement: one pass over the rows of a table, into arrays that the caller made.

They are loaded when something is measured. Columns of records come as they lie in their rows; arrays that
are filled come empty or zero, as each loop says.
"""
