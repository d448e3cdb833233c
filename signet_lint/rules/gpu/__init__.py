"""SGL5xx: model servers run on GPUs, and the scheduler can put them there."""
