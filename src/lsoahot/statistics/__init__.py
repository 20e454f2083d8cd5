"""Is it more than chance, is it rising, how do we compare: the tests, over exact kernels."""
