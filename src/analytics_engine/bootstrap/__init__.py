"""The only place that builds objects: settings, wiring, and name -> port -> builder."""
