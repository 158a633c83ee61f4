;; Sound, but there is nothing to call: no trigger can use it.
(component
  (core module $m (func (export "f")))
  (core instance (instantiate $m)))
