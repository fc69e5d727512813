"""How the network learns: versions, training runs, the live version."""
