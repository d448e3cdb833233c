"""Facts about Kubernetes, OpenShift, Argo CD and model servers: JSON files with a source per entry, and typed readers."""
