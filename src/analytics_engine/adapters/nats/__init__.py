"""NATS JetStream: events."""
