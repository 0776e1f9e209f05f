"""Where a public path leads, who may take it, and how the bytes get there and back."""
