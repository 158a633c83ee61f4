;; A handler of HTTP requests as TinyGo and the first SDKs made them for Spin 1
;; A core module, without types: the names and signatures of spin-contract.md §3.11. POST keeps the body in the default
;; key-value store under the URI; GET answers with what is kept there, or with the variable `greeting`. The URI comes back
;; as x-uri. Says `called` on stdout. `_start` is exported, as TinyGo does, and must not be called.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "spin-config" "get-config" (func $get_config (param i32 i32 i32)))
  (import "key-value" "open" (func $open (param i32 i32 i32)))
  (import "key-value" "get" (func $get (param i32 i32 i32 i32)))
  (import "key-value" "set" (func $set (param i32 i32 i32 i32 i32 i32)))
  (import "key-value" "close" (func $close (param i32)))

  (memory (export "memory") 32)
  (data (i32.const 16) "default")
  (data (i32.const 32) "greeting")
  (data (i32.const 48) "x-uri")
  (data (i32.const 64) "\50\00\00\00\07\00\00\00") ;; the one vector of fd_write
  (data (i32.const 80) "called\n")
  (global $free (mut i32) (i32.const 4096))

  (func (export "_start") unreachable)

  ;; Never gives back: the instance ends with the request.
  (func (export "canonical_abi_realloc") (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and
      (i32.add (global.get $free) (i32.sub (local.get $align) (i32.const 1)))
      (i32.sub (i32.const 0) (local.get $align))))
    (global.set $free (i32.add (local.get $at) (local.get $size)))
    (if (local.get $old_size) (then (memory.copy (local.get $at) (local.get $old) (local.get $old_size))))
    (local.get $at))
  (func (export "canonical_abi_free") (param i32 i32 i32))

  ;; Results of imports go to 128, the response to 192, its headers to 256.
  (func (export "handle-http-request")
    (param $method i32) (param $uri i32) (param $uri_length i32) (param $headers i32) (param $header_count i32)
    (param $params i32) (param $param_count i32) (param $has_body i32) (param $body i32) (param $body_length i32)
    (result i32)
    (local $store i32)
    (drop (call $fd_write (i32.const 1) (i32.const 64) (i32.const 1) (i32.const 96)))
    (call $open (i32.const 16) (i32.const 7) (i32.const 128))
    (if (i32.load8_u (i32.const 128)) (then unreachable))
    (local.set $store (i32.load (i32.const 132)))

    (i32.store (i32.const 256) (i32.const 48))
    (i32.store (i32.const 260) (i32.const 5))
    (i32.store (i32.const 264) (local.get $uri))
    (i32.store (i32.const 268) (local.get $uri_length))
    (i32.store8 (i32.const 196) (i32.const 1))
    (i32.store (i32.const 200) (i32.const 256))
    (i32.store (i32.const 204) (i32.const 1))

    (if (i32.eq (local.get $method) (i32.const 1)) ;; post
      (then
        (call $set (local.get $store) (local.get $uri) (local.get $uri_length)
          (local.get $body) (local.get $body_length) (i32.const 128))
        (if (i32.load8_u (i32.const 128)) (then unreachable))
        (i32.store16 (i32.const 192) (i32.const 201))
        (i32.store8 (i32.const 208) (i32.const 0)))
      (else
        (i32.store16 (i32.const 192) (i32.const 200))
        (call $get (local.get $store) (local.get $uri) (local.get $uri_length) (i32.const 128))
        (if (i32.load8_u (i32.const 128))
          (then
            (call $get_config (i32.const 32) (i32.const 8) (i32.const 128))
            (if (i32.load8_u (i32.const 128)) (then unreachable))))
        (i32.store8 (i32.const 208) (i32.const 1))
        (i32.store (i32.const 212) (i32.load (i32.const 132)))
        (i32.store (i32.const 216) (i32.load (i32.const 136)))))
    (call $close (local.get $store))
    (i32.const 192))
)
