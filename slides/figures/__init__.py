"""The figures, one module for each field; every function draws one and returns axes or a figure."""
