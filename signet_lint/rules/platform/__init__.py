"""SGL4xx: the DataScienceCluster switches on what serving needs, and nothing else."""
