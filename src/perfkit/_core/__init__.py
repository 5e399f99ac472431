"""What every room stands on: exact numbers, columns of rows, and blocks that fit the cache."""
