"""All that one room may know of another: wire types, events and Protocols, one file a room."""
