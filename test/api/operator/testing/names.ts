// Names that the operator knows objects by when its flags say nothing else.
export const MUTATING_NAME = 'spin-operator-mutating-webhook-configuration';
export const VALIDATING_NAME = 'spin-operator-validating-webhook-configuration';
