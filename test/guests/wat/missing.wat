;; Imports an interface that no host has. A host must name it when it refuses; one that links lazily must trap in run.
(component
  (import "example:missing/thing@1.0.0" (instance $thing (export "ask" (func (param "n" u32) (result u32)))))
  (core func $ask (canon lower (func $thing "ask")))
  (core module $m
    (import "thing" "ask" (func $ask (param i32) (result i32)))
    (func (export "run") (param i32) (result i32) (call $ask (local.get 0))))
  (core instance $i (instantiate $m (with "thing" (instance (export "ask" (func $ask))))))
  (func (export "run") (param "n" u32) (result u32) (canon lift (core func $i "run"))))
