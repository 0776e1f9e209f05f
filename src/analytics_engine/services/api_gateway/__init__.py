"""The one door: who asks and what they may do is decided here, and every service is reached through here."""
