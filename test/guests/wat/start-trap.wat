;; Cannot be instantiated: the start function traps.
(component
  (core module $m
    (func $begin unreachable)
    (start $begin)
    (func (export "run") (result i32) (i32.const 1)))
  (core instance $i (instantiate $m))
  (func (export "run") (result u32) (canon lift (core func $i "run"))))
