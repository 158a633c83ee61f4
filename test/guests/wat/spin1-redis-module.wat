;; A handler of Redis messages as TinyGo and the first SDKs made them for Spin 1
;; A core module, without types: the names and signatures of spin-contract.md §3.11. Prints the message and `; before ` with
;; the one before it, which it keeps in the default key-value store. A message that begins with `!` is an error.
;; `_initialize` is exported, as some toolchains do.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "key-value" "open" (func $open (param i32 i32 i32)))
  (import "key-value" "get" (func $get (param i32 i32 i32 i32)))
  (import "key-value" "set" (func $set (param i32 i32 i32 i32 i32 i32)))
  (import "key-value" "close" (func $close (param i32)))

  (memory (export "memory") 32)
  (data (i32.const 16) "default")
  (data (i32.const 32) "last")
  (data (i32.const 48) "; before ")
  (data (i32.const 60) "\n")
  (global $free (mut i32) (i32.const 4096))

  (func (export "_initialize"))

  ;; Never gives back: the instance ends with the message.
  (func (export "canonical_abi_realloc") (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and
      (i32.add (global.get $free) (i32.sub (local.get $align) (i32.const 1)))
      (i32.sub (i32.const 0) (local.get $align))))
    (global.set $free (i32.add (local.get $at) (local.get $size)))
    (if (local.get $old_size) (then (memory.copy (local.get $at) (local.get $old) (local.get $old_size))))
    (local.get $at))
  (func (export "canonical_abi_free") (param i32 i32 i32))

  ;; The vector of fd_write stands at 192, results of imports at 128, that of the handler at 240.
  (func $print (param $at i32) (param $length i32)
    (i32.store (i32.const 192) (local.get $at))
    (i32.store (i32.const 196) (local.get $length))
    (drop (call $fd_write (i32.const 1) (i32.const 192) (i32.const 1) (i32.const 96))))

  (func (export "handle-redis-message") (param $message i32) (param $length i32) (result i32)
    (local $store i32)
    (call $open (i32.const 16) (i32.const 7) (i32.const 128))
    (if (i32.load8_u (i32.const 128)) (then unreachable))
    (local.set $store (i32.load (i32.const 132)))
    (call $print (local.get $message) (local.get $length))
    (call $print (i32.const 48) (i32.const 9))
    (call $get (local.get $store) (i32.const 32) (i32.const 4) (i32.const 128))
    ;; Else there is no such key.
    (if (i32.eqz (i32.load8_u (i32.const 128)))
      (then (call $print (i32.load (i32.const 132)) (i32.load (i32.const 136)))))
    (call $print (i32.const 60) (i32.const 1))
    (call $set (local.get $store) (i32.const 32) (i32.const 4) (local.get $message) (local.get $length) (i32.const 128))
    (if (i32.load8_u (i32.const 128)) (then unreachable))
    (call $close (local.get $store))
    ;; What bindings of that time gave: where the result stands, whether it is an error, and then which.
    (i32.store8 (i32.const 240) (i32.eq (i32.load8_u (local.get $message)) (i32.const 33)))
    (i32.store8 (i32.const 241) (i32.const 1))
    (i32.const 240)))
