;; A WAGI command as TinyGo makes them, a core module
;; TinyGo's allocator is exported under C's names, and the runtime begins by asking for arguments, environment and random
;; numbers. Answers with its environment as the system gave it, and then leaves by proc_exit(0) from inside of a function,
;; as os.Exit does; with 3 when `3` is its second argument.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $environ_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))

  (memory (export "memory") 2)
  (data (i32.const 64) "content-type: text/plain\0d\0a\0d\0a")
  (global $free (mut i32) (i32.const 65536))

  (func $malloc (export "malloc") (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (global.get $free))
    (global.set $free (i32.and (i32.add (i32.add (local.get $at) (local.get $size)) (i32.const 15)) (i32.const -16)))
    (local.get $at))
  (func (export "free") (param i32))
  (func (export "calloc") (param $count i32) (param $size i32) (result i32)
    (call $malloc (i32.mul (local.get $count) (local.get $size))))
  (func (export "realloc") (param $old i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (call $malloc (local.get $size)))
    (memory.copy (local.get $at) (local.get $old) (local.get $size))
    (local.get $at))

  (func $exit (param $code i32)
    (call $proc_exit (local.get $code))
    unreachable)

  (func $check (param $errno i32)
    (if (local.get $errno) (then unreachable)))

  ;; 16: count, 20: bytes, of the environment and then of the arguments. 32: the two vectors.
  (func (export "_start")
    (local $pointers i32) (local $bytes i32)
    (call $check (call $random_get (i32.const 0) (i32.const 8)))
    (call $check (call $environ_sizes_get (i32.const 16) (i32.const 20)))
    (local.set $pointers (call $malloc (i32.mul (i32.load (i32.const 16)) (i32.const 4))))
    (local.set $bytes (call $malloc (i32.load (i32.const 20))))
    (call $check (call $environ_get (local.get $pointers) (local.get $bytes)))
    (i32.store (i32.const 32) (i32.const 64))
    (i32.store (i32.const 36) (i32.const 28))
    (i32.store (i32.const 40) (local.get $bytes))
    (i32.store (i32.const 44) (i32.load (i32.const 20)))
    (call $check (call $fd_write (i32.const 1) (i32.const 32) (i32.const 1) (i32.const 48)))
    (call $check (call $fd_write (i32.const 1) (i32.const 40) (i32.const 1) (i32.const 48)))
    (call $check (call $args_sizes_get (i32.const 16) (i32.const 20)))
    (local.set $pointers (call $malloc (i32.mul (i32.load (i32.const 16)) (i32.const 4))))
    (local.set $bytes (call $malloc (i32.load (i32.const 20))))
    (call $check (call $args_get (local.get $pointers) (local.get $bytes)))
    (if (i32.gt_u (i32.load (i32.const 16)) (i32.const 1))
      (then
        (if (i32.eq (i32.load8_u (i32.load offset=4 (local.get $pointers))) (i32.const 51))
          (then (call $exit (i32.const 3))))))
    (call $exit (i32.const 0))))
