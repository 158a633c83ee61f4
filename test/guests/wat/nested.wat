;; Three instances of two nested components, wired in a chain. run(n) = n + 28.
(component
  (component $adder
    (core module $m
      (func (export "step") (param i32) (result i32) (i32.add (local.get 0) (i32.const 7))))
    (core instance $i (instantiate $m))
    (func (export "step") (param "n" u32) (result u32) (canon lift (core func $i "step"))))

  (component $twice
    (import "step" (func $step (param "n" u32) (result u32)))
    (core func $lowered (canon lower (func $step)))
    (core module $m
      (import "outside" "step" (func $step (param i32) (result i32)))
      (func (export "twice") (param i32) (result i32) (call $step (call $step (local.get 0)))))
    (core instance $i (instantiate $m (with "outside" (instance (export "step" (func $lowered))))))
    (func (export "twice") (param "n" u32) (result u32) (canon lift (core func $i "twice"))))

  (instance $a (instantiate $adder))
  (instance $b (instantiate $twice (with "step" (func $a "step"))))
  (instance $c (instantiate $twice (with "step" (func $b "twice"))))
  (export "run" (func $c "twice")))
