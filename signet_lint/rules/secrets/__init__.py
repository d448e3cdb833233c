"""SGL7xx: no secret in Git, every secret delivered, no model open to everybody."""
