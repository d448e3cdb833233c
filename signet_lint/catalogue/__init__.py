"""Facts on Kubernetes, OpenShift, Argo CD and model servers: JSON with a source per entry, and typed readers."""
