"""What the rooms ask of the outside world; ``adapters/`` makes it real."""
