"""The engines that hold the rows, behind ``contracts/engine.py``."""
