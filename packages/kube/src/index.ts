// The Kubernetes watch and apply layer on @kubernetes/client-node.
