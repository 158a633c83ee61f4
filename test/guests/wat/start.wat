;; The start function of the core module runs before anything else: run() = 42, and 0 when it was left out.
(component
  (core module $m
    (memory 1)
    (data (i32.const 8) "\02")
    (global $answer (mut i32) (i32.const 0))
    (func $begin (global.set $answer (i32.add (i32.const 40) (i32.load8_u (i32.const 8)))))
    (start $begin)
    (func (export "run") (result i32) (global.get $answer)))
  (core instance $i (instantiate $m))
  (func (export "run") (result u32) (canon lift (core func $i "run"))))
