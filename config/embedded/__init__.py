"""PostgreSQL and Valkey from wheels, as our own children: Unix sockets only, gone when we are gone."""
