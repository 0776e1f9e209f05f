"""Seven rooms that look alike; they meet in contracts and never import each other."""
