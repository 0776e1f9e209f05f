"""PostgreSQL behind the ports: the pool, the outbox, the inbox."""
