"""From a question to a plan, in pure steps: resolve, share, place. ``sql/`` emits the plan."""
