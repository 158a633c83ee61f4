// The operator.
