;; One memory, three core modules: the first owns it, the second puts its data into it, the third works in it, as the
;; libraries of a Python guest do. greet(name) = "Hello, " + name.
(component
  (core module $owner
    (memory (export "memory") 1)
    (global $heap (mut i32) (i32.const 4096))
    (func (export "realloc") (param $old i32) (param $old-size i32) (param $align i32) (param $size i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $heap) (i32.const 7)) (i32.const -8)))
      (global.set $heap (i32.add (local.get $at) (local.get $size)))
      (memory.copy (local.get $at) (local.get $old) (local.get $old-size))
      (local.get $at)))

  (core module $words
    (import "env" "memory" (memory 1))
    (global (export "start") i32 (i32.const 1024))
    (global (export "length") i32 (i32.const 7))
    (data (i32.const 1024) "Hello, "))

  (core module $code
    (import "env" "memory" (memory 1))
    (import "env" "realloc" (func $realloc (param i32 i32 i32 i32) (result i32)))
    (import "words" "start" (global $start i32))
    (import "words" "length" (global $length i32))
    (func (export "greet") (param $name i32) (param $size i32) (result i32)
      (local $at i32)
      (local.set $at (call $realloc (i32.const 0) (i32.const 0) (i32.const 1) (i32.add (global.get $length) (local.get $size))))
      (memory.copy (local.get $at) (global.get $start) (global.get $length))
      (memory.copy (i32.add (local.get $at) (global.get $length)) (local.get $name) (local.get $size))
      (i32.store (i32.const 16) (local.get $at))
      (i32.store (i32.const 20) (i32.add (global.get $length) (local.get $size)))
      (i32.const 16)))

  (core instance $o (instantiate $owner))
  (core instance $w (instantiate $words (with "env" (instance $o))))
  (core instance $c (instantiate $code (with "env" (instance $o)) (with "words" (instance $w))))
  (func (export "greet") (param "name" string) (result string)
    (canon lift (core func $c "greet") (memory (core memory $o "memory")) (realloc (core func $o "realloc")))))
