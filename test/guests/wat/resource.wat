;; One nested component owns a resource, another uses it: constructor, method, drop, destructor.
;; run() = 15101010: 10 + 5, then 100 + 1, then one counter alive after the first drop, none after the second.
(component
  (component $owner
    (core module $life
      (global $alive (mut i32) (i32.const 0))
      (func (export "born") (global.set $alive (i32.add (global.get $alive) (i32.const 1))))
      (func (export "died") (param i32) (global.set $alive (i32.sub (global.get $alive) (i32.const 1))))
      (func (export "alive") (result i32) (global.get $alive)))
    (core instance $life (instantiate $life))
    (type $counter (resource (rep i32) (dtor (core func $life "died"))))
    (core func $new (canon resource.new $counter))

    ;; A counter is represented by the address of its value.
    (core module $counters
      (import "life" "born" (func $born))
      (import "canon" "new" (func $new (param i32) (result i32)))
      (memory 1)
      (global $next (mut i32) (i32.const 64))
      (func (export "make") (param i32) (result i32)
        (call $born)
        (global.set $next (i32.add (global.get $next) (i32.const 4)))
        (i32.store (global.get $next) (local.get 0))
        (call $new (global.get $next)))
      (func (export "add") (param $self i32) (param $n i32) (result i32)
        (i32.store (local.get $self) (i32.add (i32.load (local.get $self)) (local.get $n)))
        (i32.load (local.get $self))))
    (core instance $c (instantiate $counters
      (with "life" (instance $life))
      (with "canon" (instance (export "new" (func $new))))))

    (export $exported "counter" (type $counter))
    (func (export "[constructor]counter") (param "start" u32) (result (own $exported)) (canon lift (core func $c "make")))
    (func (export "[method]counter.add") (param "self" (borrow $exported)) (param "n" u32) (result u32)
      (canon lift (core func $c "add")))
    (func (export "alive") (result u32) (canon lift (core func $life "alive"))))

  (component $user
    (import "counters" (instance $counters
      (export "counter" (type $counter (sub resource)))
      (export "[constructor]counter" (func (param "start" u32) (result (own $counter))))
      (export "[method]counter.add" (func (param "self" (borrow $counter)) (param "n" u32) (result u32)))
      (export "alive" (func (result u32)))))
    (alias export $counters "counter" (type $counter))
    (core func $make (canon lower (func $counters "[constructor]counter")))
    (core func $add (canon lower (func $counters "[method]counter.add")))
    (core func $alive (canon lower (func $counters "alive")))
    (core func $drop (canon resource.drop $counter))
    (core module $m
      (import "counters" "make" (func $make (param i32) (result i32)))
      (import "counters" "add" (func $add (param i32 i32) (result i32)))
      (import "counters" "alive" (func $alive (result i32)))
      (import "counters" "drop" (func $drop (param i32)))
      (func (export "run") (result i32)
        (local $a i32) (local $b i32) (local $sum i32)
        (local.set $a (call $make (i32.const 10)))
        (local.set $b (call $make (i32.const 100)))
        (local.set $sum (i32.mul (call $add (local.get $a) (i32.const 5)) (i32.const 1000000)))
        (local.set $sum (i32.add (local.get $sum) (i32.mul (call $add (local.get $b) (i32.const 1)) (i32.const 1000))))
        (call $drop (local.get $a))
        (local.set $sum (i32.add (local.get $sum) (i32.mul (call $alive) (i32.const 10))))
        (call $drop (local.get $b))
        (i32.add (local.get $sum) (call $alive))))
    (core instance $i (instantiate $m (with "counters" (instance
      (export "make" (func $make))
      (export "add" (func $add))
      (export "alive" (func $alive))
      (export "drop" (func $drop))))))
    (func (export "run") (result u32) (canon lift (core func $i "run"))))

  (instance $o (instantiate $owner))
  (instance $u (instantiate $user (with "counters" (instance $o))))
  (export "run" (func $u "run")))
