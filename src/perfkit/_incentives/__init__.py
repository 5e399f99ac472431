"""The rooms behind :mod:`perfkit.incentives`: factors, pay forms, steps, and the plan that holds them."""
