"""The rooms behind :mod:`perfkit.weights`: one method a file, a pure function from what is known to shares."""
