"""Connections to hosts that clients name: which addresses they may lead to, and requests that go nowhere else."""
